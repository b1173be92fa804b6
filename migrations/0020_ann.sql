-- Nearest vectors in projects so large that reading all of theirs takes longer than walking a graph of them; below that, exact search is as fast and misses
-- nothing. A vector is in the graph once `ann` is set. One graph for each size of vectors; those that no vector is in cost nothing.
do $$
declare
  size int;
begin
  foreach size in array array[384, 512, 768, 1024, 1536] loop
    execute format('create index %I on rag_vectors using hnsw ((embedding::halfvec(%s)) halfvec_cosine_ops) with (m = 16, ef_construction = 128)
      where ann and dims = %s and part = ''window''', 'rag_vectors_ann_' || size, size, size);
  end loop;
end $$;
create index rag_vectors_waiting on rag_vectors (project_id, model, chunk_no) where not ann and part = 'window';
