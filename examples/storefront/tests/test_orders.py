import unittest

from orders import Customer, Order, invoice_lines, products, receipt, reminders, takings_so_far

CUSTOMERS = [Customer(number, f"customer {number}", "NL") for number in range(100)]
ORDERS = [Order(1000 + i, i * 7 % 115, f"product {i % 40}", 199 + i) for i in range(200)]


class Invoices(unittest.TestCase):
    def test_every_order_of_a_known_customer_has_a_line(self):
        lines = invoice_lines(ORDERS, CUSTOMERS)
        self.assertEqual(lines[:2], [(1000, "customer 0", 199), (1001, "customer 7", 200)])
        self.assertEqual(len(lines), sum(order.customer < 100 for order in ORDERS))

    def test_no_orders_no_lines(self):
        self.assertEqual(invoice_lines([], CUSTOMERS), [])

    def test_what_is_paid_is_not_owed(self):
        owing, pence = reminders(ORDERS, [order.number for order in ORDERS if order.number % 3])
        self.assertEqual(owing, [order for order in ORDERS if order.number % 3 == 0])
        self.assertEqual(pence, sum(order.pence for order in owing))


class Till(unittest.TestCase):
    def test_the_till_fills_sale_by_sale(self):
        self.assertEqual(takings_so_far([100, 250, 50]), [100, 350, 400])

    def test_a_busy_day(self):
        till = takings_so_far([order.pence for order in ORDERS])
        self.assertEqual(till[-1], sum(order.pence for order in ORDERS))


class Products(unittest.TestCase):
    def test_each_thing_once_in_the_order_of_the_wishes(self):
        self.assertEqual(products(["tea", "jam", "tea"]), ["tea", "jam"])
        self.assertEqual(len(products([order.product for order in ORDERS])), 40)

    def test_sets_are_sold_too(self):
        self.assertEqual(products(["tea", ["cup", "pot"], ["cup", "pot"]]), ["tea", ["cup", "pot"]])


class Receipts(unittest.TestCase):
    def test_one_line_per_thing(self):
        bought = [(order.product, order.pence) for order in ORDERS[:40]]
        self.assertEqual(receipt(bought).splitlines()[1].split(), ["product", "1", "2.00"])
