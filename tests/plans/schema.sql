-- Tables for the captured plans: the music service's shape, with its sizes, filled by arithmetic so that every capture sees the same rows.
CREATE TABLE platforms (id bigint PRIMARY KEY, platform_name text UNIQUE, platform_url text);
CREATE TABLE users (id bigint PRIMARY KEY, username text, created_at timestamptz NOT NULL, platform_id bigint REFERENCES platforms);
CREATE TABLE songs (id bigint PRIMARY KEY, song_name varchar(200) NOT NULL, artist text, album text, year int);
CREATE TABLE playlists (id bigint PRIMARY KEY, name text);
CREATE TABLE playlist_songs (id bigint PRIMARY KEY, playlist_id bigint REFERENCES playlists, song_id bigint REFERENCES songs ON DELETE CASCADE);
CREATE TABLE users_playlist_position (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE, playlist_id bigint REFERENCES playlists,
    playlist_song_position bigint REFERENCES playlist_songs ON DELETE SET NULL);
CREATE TABLE song_history (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE, song_id bigint REFERENCES songs ON DELETE CASCADE,
    created_at timestamptz NOT NULL);
CREATE TABLE links (id bigint PRIMARY KEY, song_id bigint REFERENCES songs ON DELETE CASCADE, platform_id bigint, song_url text);
CREATE TABLE "Odd Name" ("Id" int PRIMARY KEY, "select" text);
CREATE TABLE tagged (id int PRIMARY KEY, a int, b int, c int, note text);
CREATE INDEX tagged_a_idx ON tagged (a);
CREATE INDEX tagged_b_idx ON tagged (b);
CREATE INDEX tagged_c_id_idx ON tagged (c, id);
CREATE TABLE events (id bigint, happened date NOT NULL, kind int) PARTITION BY RANGE (happened);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

CREATE FUNCTION note_song() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER songs_note BEFORE UPDATE ON songs FOR EACH ROW EXECUTE FUNCTION note_song();

INSERT INTO platforms VALUES (1, 'Spotify', 'https://open.spotify.com/%'), (2, 'Apple', 'https://music.apple.com/%');
INSERT INTO users SELECT i, 'user' || i, timestamptz '2024-01-01 00:00+00' + i * interval '7 hours', 1 + i % 2 FROM generate_series(1, 911) i;
INSERT INTO songs SELECT i, 'Song ' || i, 'Artist ' || i % 997, 'Album ' || i % 4999, 1960 + i % 65 FROM generate_series(1, 77803) i;
INSERT INTO playlists SELECT i, 'List ' || i FROM generate_series(1, 3000) i;
INSERT INTO playlist_songs SELECT i, 1 + i::bigint * 7919 % 3000, 1 + i::bigint * 104729 % 77803 FROM generate_series(1, 202899) i;
INSERT INTO users_playlist_position SELECT i, 1 + i % 911, i, 1 + i::bigint * 67 % 202899 FROM generate_series(1, 3000) i;
INSERT INTO song_history SELECT i, 1 + i::bigint * 6151 % 911, 1 + i::bigint * 15485863 % 77803, timestamptz '2024-06-01 00:00+00' + i * interval '34 seconds'
    FROM generate_series(1, 919039) i;
INSERT INTO links SELECT i, 1 + i::bigint * 31 % 77803, 1 + i % 2, 'https://open.spotify.com/track/' || i FROM generate_series(1, 85515) i;
INSERT INTO "Odd Name" SELECT i, 'it''s ' || i FROM generate_series(1, 100) i;
INSERT INTO tagged SELECT i, i * 7 % 100, i * 11 % 250, i % 50, repeat('x', 80) FROM generate_series(1, 20000) i;
INSERT INTO events SELECT i, date '2023-01-01' + i % 1095, i % 10 FROM generate_series(1, 9000) i;
VACUUM (FREEZE, ANALYZE);
