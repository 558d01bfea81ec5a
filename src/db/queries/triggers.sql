-- Triggers that somebody wrote, unless they are switched off.
SELECT n.nspname::text, c.relname::text, t.tgname::text, t.tgenabled::text
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND NOT c.relispartition
ORDER BY 1, 2, 3
