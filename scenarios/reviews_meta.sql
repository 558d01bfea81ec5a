-- The reviews of a shop's products, and what they come to per product.
--
-- The tables of reviews.sql, with primary keys and foreign keys only, and one more that is derived from them.

-- The products service owns the products; this one keeps the ids that it was told of.
CREATE TABLE products (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE reviews (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id     bigint NOT NULL REFERENCES products (id),
    rating         smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
    -- Milliseconds since 1970, as the CSV files had it.
    date           bigint NOT NULL,
    summary        text NOT NULL,
    body           text NOT NULL,
    recommend      boolean NOT NULL,
    reported       boolean NOT NULL DEFAULT false,
    reviewer_name  text NOT NULL,
    reviewer_email text NOT NULL,
    -- What the vendor answered; mostly nothing.
    response       text,
    helpfulness    integer NOT NULL DEFAULT 0
);

CREATE TABLE reviews_photos (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id bigint NOT NULL REFERENCES reviews (id),
    url       text NOT NULL
);

-- What a product's reviewers are asked about.
CREATE TABLE characteristics (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL REFERENCES products (id),
    name       text NOT NULL CHECK (name IN ('Size', 'Width', 'Comfort', 'Quality', 'Length', 'Fit'))
);

CREATE TABLE characteristic_reviews (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    characteristic_id bigint NOT NULL REFERENCES characteristics (id),
    review_id         bigint NOT NULL REFERENCES reviews (id),
    value             smallint NOT NULL CHECK (value BETWEEN 1 AND 5)
);

-- What GET /reviews/meta answers, counted beforehand: one row per product that has reviews.
CREATE TABLE review_meta (
    product_id      bigint PRIMARY KEY REFERENCES products (id),
    rating_1        integer NOT NULL,
    rating_2        integer NOT NULL,
    rating_3        integer NOT NULL,
    rating_4        integer NOT NULL,
    rating_5        integer NOT NULL,
    recommended     integer NOT NULL,
    not_recommended integer NOT NULL,
    -- By name: {"Fit": {"id": 17, "value": 3.81}}
    characteristics jsonb NOT NULL
);
