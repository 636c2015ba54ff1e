-- Rows and bytes, with indexes and TOAST, of every table of the restored database; one row each.
SELECT format(
  'SELECT %L, count(*), pg_total_relation_size(%s) FROM %I.%I',
  regexp_replace(format('%I.%I', n.nspname, c.relname), '[[:cntrl:]]', ' ', 'g'), c.oid, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
\gexec
