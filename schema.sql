-- The music service: users keep playlists and play their songs, each on the platform of their choice.
--
-- Primary keys and foreign keys only, as the service was first written. PostgreSQL indexes what a foreign key points at, not
-- the columns that point there; what that costs is the first thing perflab shows.

CREATE TABLE platforms (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform_name text NOT NULL,
    -- A LIKE pattern that the platform's links match, e.g. https://open.spotify.com/%
    platform_url  text NOT NULL
);

CREATE TABLE songs (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at        timestamptz NOT NULL DEFAULT now(),
    song_name         text NOT NULL,
    artist            text NOT NULL,
    album             text NOT NULL,
    -- Whoever holds it may remove the song: 25 hexadecimal digits.
    authorization_key text NOT NULL DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 25)
);

CREATE TABLE playlists (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE users (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at  timestamptz NOT NULL DEFAULT now(),
    password    text NOT NULL,
    salt        text NOT NULL,
    platform_id bigint REFERENCES platforms (id)
);

CREATE TABLE links (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    song_id     bigint NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
    platform_id bigint NOT NULL,
    song_url    text NOT NULL
);

CREATE TABLE playlist_songs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    playlist_id bigint NOT NULL,
    song_id     bigint NOT NULL REFERENCES songs (id) ON DELETE CASCADE
);

CREATE TABLE ad_campaigns (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link        text NOT NULL,
    target_mood text NOT NULL CHECK (target_mood IN ('HAPPY', 'SAD', 'ANGRY'))
);

CREATE TABLE song_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    user_id    bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    song_id    bigint NOT NULL REFERENCES songs (id) ON DELETE CASCADE
);

CREATE TABLE users_playlist_position (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id                bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    playlist_id            bigint NOT NULL,
    -- The song the user hears now; null once that song has left the list.
    playlist_song_position bigint REFERENCES playlist_songs (id) ON DELETE SET NULL
);

CREATE TABLE user_moods (
    user_id      bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    last_updated timestamptz NOT NULL DEFAULT now(),
    mood         text NOT NULL CHECK (mood IN ('HAPPY', 'SAD', 'ANGRY')),
    songs_played bigint NOT NULL DEFAULT 0
);
