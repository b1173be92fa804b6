-- Nearest vectors in projects so large that reading all of theirs takes longer than walking a graph of them: below that, exact search is faster and misses
-- nothing. A vector is in the graph when `ann` is set. One graph for each size and part; those that no vector is in cost nothing.
do $$
declare
  size int;
  kind text;
begin
  foreach size in array array[384, 512, 768, 1024, 1536] loop
    foreach kind in array array['turn', 'window'] loop
      execute format('create index %I on rag_vectors using hnsw ((embedding::halfvec(%s)) halfvec_cosine_ops) with (m = 16, ef_construction = 64)
        where ann and dims = %s and part = %L', 'rag_vectors_ann_' || kind || '_' || size, size, size, kind);
    end loop;
  end loop;
end $$;
