//! Ranges, points and networks.

use crate::case::Case;

#[test]
fn ranges_that_overlap() {
    Case::of(
        "CREATE TABLE booking (id bigint PRIMARY KEY, room int NOT NULL, during tsrange NOT NULL, note text NOT NULL); \
         INSERT INTO booking SELECT i, i % 7, tsrange(timestamp '2025-01-01' + (i * 7919 % 20011) * interval '1 hour', \
         timestamp '2025-01-01' + (i * 7919 % 20011 + 2) * interval '1 hour'), repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i",
    )
    .endpoint(
        "GET /bookings",
        "SELECT during AS asked FROM booking WHERE id % 20 = 0",
        "SELECT * FROM booking WHERE during && :asked",
    )
    .keeps(&["booking USING gist (during)"])
    .check();
}

#[test]
fn the_nearest_points() {
    Case::of(
        "CREATE TABLE shop (id bigint PRIMARY KEY, place point NOT NULL, note text NOT NULL); \
         INSERT INTO shop SELECT i, point((i * 7919) % 20011, (i * 104729) % 20011), repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i",
    )
    .endpoint(
        "GET /shops/near",
        "SELECT place[0] AS x, place[1] AS y FROM shop WHERE id % 20 = 0",
        "SELECT * FROM shop ORDER BY place <-> point(:x, :y) LIMIT 5",
    )
    .keeps(&["shop USING gist (place)"])
    .check();
}

#[test]
fn addresses_of_a_network() {
    Case::of(
        "CREATE TABLE host (id bigint PRIMARY KEY, address inet NOT NULL, note text NOT NULL); \
         INSERT INTO host SELECT i, inet '10.0.0.0' + i * 97, repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i",
    )
    .endpoint(
        "GET /hosts",
        "SELECT set_masklen(address, 22)::cidr AS net FROM host WHERE id % 20 = 0",
        "SELECT * FROM host WHERE address << :net::cidr",
    )
    .keeps(&["host USING gist (address inet_ops)"])
    .keeps(&["host (address)"])
    .check();
}
