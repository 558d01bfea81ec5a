-- The shoe store: users list pairs of shoes, fill carts with those of others, and buy.
--
-- Primary keys, unique keys and foreign keys only. Nothing else is indexed: what is worth an index is for perflab to find out.

CREATE TABLE users (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username   text NOT NULL UNIQUE,
    email      text NOT NULL UNIQUE,
    password   text NOT NULL,
    full_name  text NOT NULL,
    -- Sent with every request in place of a session.
    auth_token uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    wallet     numeric(12, 2) NOT NULL DEFAULT 0
);

CREATE TABLE catalog (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title   text NOT NULL,
    brand   text NOT NULL,
    size    text NOT NULL,
    price   numeric(10, 2) NOT NULL,
    user_id bigint NOT NULL REFERENCES users (id)
);

-- Stock is the sum of a listing's entries: pairs that its vendor put in count up, pairs that were sold count down.
CREATE TABLE catalog_ledger (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- Who bought; null when the vendor put pairs in.
    customer_id bigint REFERENCES users (id),
    catalog_id  bigint NOT NULL REFERENCES catalog (id),
    quantity    integer NOT NULL CHECK (quantity BETWEEN -10 AND 20)
);

CREATE TABLE carts (
    cart_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL,
    -- From the time when a cart held one pair; cart_items came later.
    catalog_id bigint,
    bought     boolean NOT NULL DEFAULT false
);

CREATE TABLE cart_items (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cart_id    bigint NOT NULL,
    catalog_id bigint NOT NULL,
    quantity   integer NOT NULL CHECK (quantity BETWEEN 1 AND 10)
);
