-- The same as statistics.sql for a role that may read pg_statistic itself, which hides nothing; the role needs no right on the tables.
-- Kinds of slots, from pg_statistic.h: 1 most common values, 2 histogram, 3 correlation.
SELECT rn.nspname::text,
       r.relname::text,
       a.attname::text,
       s.stainherit,
       greatest(l.reltuples, 0)::float8,
       s.stanullfrac::float8,
       s.stawidth,
       s.stadistinct::float8,
       CASE WHEN t.typdelim <> ',' THEN NULL
            WHEN s.stakind1 = 1 THEN s.stavalues1::text::text[]
            WHEN s.stakind2 = 1 THEN s.stavalues2::text::text[]
            WHEN s.stakind3 = 1 THEN s.stavalues3::text::text[]
            WHEN s.stakind4 = 1 THEN s.stavalues4::text::text[]
            WHEN s.stakind5 = 1 THEN s.stavalues5::text::text[] END,
       CASE 1 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2 WHEN s.stakind3 THEN s.stanumbers3
              WHEN s.stakind4 THEN s.stanumbers4 WHEN s.stakind5 THEN s.stanumbers5 END::float8[],
       CASE WHEN t.typdelim <> ',' THEN NULL
            WHEN s.stakind1 = 2 THEN s.stavalues1::text::text[]
            WHEN s.stakind2 = 2 THEN s.stavalues2::text::text[]
            WHEN s.stakind3 = 2 THEN s.stavalues3::text::text[]
            WHEN s.stakind4 = 2 THEN s.stavalues4::text::text[]
            WHEN s.stakind5 = 2 THEN s.stavalues5::text::text[] END,
       CASE 3 WHEN s.stakind1 THEN s.stanumbers1[1] WHEN s.stakind2 THEN s.stanumbers2[1] WHEN s.stakind3 THEN s.stanumbers3[1]
              WHEN s.stakind4 THEN s.stanumbers4[1] WHEN s.stakind5 THEN s.stanumbers5[1] END::float8
FROM pg_statistic s
JOIN pg_class l ON l.oid = s.starelid
JOIN pg_attribute a ON a.attrelid = l.oid AND a.attnum = s.staattnum AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_class r ON r.oid = coalesce(pg_partition_root(l.oid), l.oid)
JOIN pg_namespace rn ON rn.oid = r.relnamespace AND rn.nspname NOT IN ('pg_catalog', 'information_schema')
WHERE (l.oid = r.oid AND l.relkind = 'p' AND s.stainherit) OR (l.relkind = 'r' AND NOT s.stainherit)
ORDER BY rn.nspname, r.relname, a.attnum, l.relname
