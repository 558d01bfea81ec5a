-- State and wait of a session, looked at about every millisecond, until the session says that it has ended.
CREATE FUNCTION pg_temp.perflab_samples(watched int, wanted int)
RETURNS TABLE (state text, wait_type text, wait_name text)
LANGUAGE plpgsql AS $$
DECLARE
    at_work text;
BEGIN
    FOR i IN 1..wanted LOOP
        PERFORM pg_sleep(0.001);
        PERFORM pg_stat_clear_snapshot();
        SELECT a.state, a.wait_event_type, a.wait_event, a.query INTO state, wait_type, wait_name, at_work
        FROM pg_stat_get_activity(watched) AS a;
        EXIT WHEN at_work LIKE '%perflab: end of calls%';
        RETURN NEXT;
    END LOOP;
END
$$
