/* perflab: counters */
SELECT pg_stat_get_{scope}tuples_returned(relation) AS returned,
       pg_stat_get_{scope}tuples_fetched(relation) AS fetched,
       pg_stat_get_{scope}tuples_updated(relation) AS updated,
       pg_stat_get_{scope}tuples_hot_updated(relation) AS updated_hot,
       pg_stat_get_{scope}blocks_fetched(relation) AS blocks,
       pg_stat_get_{scope}blocks_hit(relation) AS blocks_hit
FROM unnest('{{relations}}'::oid[]) WITH ORDINALITY AS listed (relation, place)
ORDER BY place
