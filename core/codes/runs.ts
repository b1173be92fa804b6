import type { Words } from "#core/codes/words.ts";

/** Why a job did not run, waits, or ended as it did. */
export const RUNS = {
  already_running: { status: 409, retry: true, en: "Already running since {since}.", ru: "Уже выполняется с {since}." },
  project_paused: { status: 409, retry: false, en: "The project is paused.", ru: "Проект приостановлен." },
  project_archived: { status: 409, retry: false, en: "The project is archived.", ru: "Проект в архиве." },
  job_paused: { status: 409, retry: false, en: "The job is paused for this project.", ru: "Задание приостановлено для этого проекта." },
  no_bindings: { status: 409, retry: false, en: "No source is bound to this project.", ru: "К проекту не привязан ни один источник." },
  no_such_source: { status: 409, retry: false, en: "No {source} feeds this project.", ru: "Проект не получает данных из {source}." },
  waiting_for_connection: {
    status: 409,
    retry: true,
    en: "Waits for connection {connection}, which another run is reading.",
    ru: "Ждёт подключение {connection}: его читает другой запуск.",
  },
  served_by: {
    status: 200,
    retry: false,
    en: "Served by a read that began after this run was due.",
    ru: "Данные получены чтением, начатым после срока этого запуска.",
  },
  continues: {
    status: 200,
    retry: false,
    en: "The budget of one run is spent; run {run} carries on.",
    ru: "Бюджет запуска исчерпан; продолжает запуск {run}.",
  },
  database_busy: {
    status: 503,
    retry: true,
    en: "Another change of the same rows came in between.",
    ru: "Помешало другое изменение тех же строк.",
  },
  nothing_due: { status: 200, retry: false, en: "Nothing was due.", ru: "Нечего выполнять." },
  cancelled: { status: 409, retry: false, en: "Cancelled by {by}.", ru: "Отменено: {by}." },
  lease_lost: {
    status: 409,
    retry: true,
    en: "The worker lost its lease.",
    ru: "Исполнитель потерял аренду.",
  },
  retry_at: { status: 503, retry: true, en: "{error} Next attempt at {until}.", ru: "{error} Следующая попытка в {until}." },
  attempts_spent: { status: 500, retry: false, en: "{attempts} attempts failed. {error}", ru: "Неудачных попыток: {attempts}. {error}" },
  superseded: {
    status: 409,
    retry: false,
    en: "Another queued run takes its place.",
    ru: "Вместо него выполнится другой запуск из очереди.",
  },
  already_finished: { status: 409, retry: false, en: "The run has ended: {status}.", ru: "Запуск уже завершён: {status}." },
  malformed_message: { status: 400, retry: false, en: "The message cannot be read: {problem}.", ru: "Сообщение не читается: {problem}." },
  not_due: { status: 409, retry: true, en: "Due at {until}.", ru: "Назначено на {until}." },
  bug: { status: 500, retry: true, en: "The program failed: {problem}.", ru: "Ошибка программы: {problem}." },
} as const satisfies Record<string, Words>;
