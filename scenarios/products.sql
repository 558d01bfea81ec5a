-- The products of a shop: what the catalogue's pages are made of.
--
-- Primary keys and foreign keys only, as the tables are after COPY has filled them.

CREATE TABLE products (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL,
    slogan        text NOT NULL,
    description   text NOT NULL,
    category      text NOT NULL,
    default_price numeric(10, 2) NOT NULL
);

CREATE TABLE features (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL REFERENCES products (id),
    feature    text NOT NULL,
    -- Null: the product has the feature, and there is no more to say.
    value      text
);

CREATE TABLE styles (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id     bigint NOT NULL REFERENCES products (id),
    name           text NOT NULL,
    -- Null: not on sale.
    sale_price     numeric(10, 2),
    original_price numeric(10, 2) NOT NULL,
    default_style  boolean NOT NULL DEFAULT false
);

CREATE TABLE photos (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    style_id      bigint NOT NULL REFERENCES styles (id),
    url           text NOT NULL,
    thumbnail_url text NOT NULL
);

CREATE TABLE skus (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    style_id bigint NOT NULL REFERENCES styles (id),
    size     text NOT NULL,
    quantity integer NOT NULL
);

CREATE TABLE related (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    current_product_id bigint NOT NULL REFERENCES products (id),
    related_product_id bigint NOT NULL REFERENCES products (id)
);
