CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE events (
    id      bigint PRIMARY KEY,
    user_id int NOT NULL REFERENCES users,
    kind    smallint NOT NULL,
    at      timestamptz NOT NULL
);
