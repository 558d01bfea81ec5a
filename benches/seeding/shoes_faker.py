"""The shoe store as a script fills it: Faker for the values, INSERT with many rows for the sending.

usage: shoes_faker.py URL SCHEMA.sql users=100000 catalog=100000 …
"""

import random
import sys
import uuid

import psycopg2
from faker import Faker
from psycopg2.extras import execute_values

BATCH = 1000
BRANDS = ["Nike", "Adidas", "Jordan", "New Balance", "Puma", "Asics", "Converse", "Vans", "Reebok"]

fake = Faker()


def insert(cursor, table, columns, rows):
    names = ", ".join(columns)
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            execute_values(cursor, f"INSERT INTO {table} ({names}) VALUES %s", batch, page_size=BATCH)
            batch = []
    if batch:
        execute_values(cursor, f"INSERT INTO {table} ({names}) VALUES %s", batch, page_size=BATCH)


def users(count):
    for number in range(count):
        yield (
            f"{fake.user_name()}{number}",
            f"{number}{fake.email()}",
            fake.password(),
            fake.name(),
            str(uuid.uuid4()),
            round(random.lognormvariate(4.8, 1.2), 2),
        )


def catalog(count, users):
    for _ in range(count):
        brand = random.choice(BRANDS)
        title = f"{brand} {fake.word()} {fake.word()} {random.randint(1, 99)}"
        size = str(random.randint(12, 28) / 2)
        yield title, brand, size, round(random.uniform(10, 400), 2), random.randint(1, users)


def catalog_ledger(count, users, catalog):
    for _ in range(count):
        moment = fake.date_time_this_year()
        yield moment, random.randint(1, users), random.randint(1, catalog), random.randint(-10, 20)


def carts(count, users, catalog):
    for _ in range(count):
        yield random.randint(1, users), random.randint(1, catalog), random.random() < 0.55


def cart_items(count, carts, catalog):
    for _ in range(count):
        yield random.randint(1, carts), random.randint(1, catalog), random.randint(1, 10)


def main():
    url, schema, *counts = sys.argv[1:]
    rows = {table: int(count) for table, count in (pair.split("=") for pair in counts)}
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor, open(schema) as ddl:
        cursor.execute(ddl.read())
        columns = ("username", "email", "password", "full_name", "auth_token", "wallet")
        insert(cursor, "users", columns, users(rows["users"]))
        insert(cursor, "catalog", ("title", "brand", "size", "price", "user_id"), catalog(rows["catalog"], rows["users"]))
        columns = ("created_at", "customer_id", "catalog_id", "quantity")
        insert(cursor, "catalog_ledger", columns, catalog_ledger(rows["catalog_ledger"], rows["users"], rows["catalog"]))
        insert(cursor, "carts", ("user_id", "catalog_id", "bought"), carts(rows["carts"], rows["users"], rows["catalog"]))
        columns = ("cart_id", "catalog_id", "quantity")
        insert(cursor, "cart_items", columns, cart_items(rows["cart_items"], rows["carts"], rows["catalog"]))
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE")


main()
