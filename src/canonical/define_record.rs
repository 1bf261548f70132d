//! The macro that defines a canonical record.

/// Defines a canonical record: each column is written once, as a documented field, in the order of the table in the
/// database. The first field is the key. Field types are those that implement
/// [`CellValue`](super::rows::CellValue).
///
/// ```ignore
/// define_record! {
///     /// Stock of one product in one place.
///     pub struct StockLevel<'a> in StockLevels {
///         /// Stable key.
///         pub stock_key: &'a str,
///         /// Quantity counted.
///         pub quantity_units: Decimal,
///     }
/// }
/// ```
///
/// In the module that calls it, this makes:
/// - `StockLevel`, the struct with these fields;
/// - `impl Record for StockLevel`, which writes each field as one cell, in this order;
/// - `COLUMN`, the columns by name: `row.decimal(stock::COLUMN.quantity_units)`;
/// - `NAMES`, the columns' names in the database, in this order, for [`Table::columns`](super::Table::columns).
macro_rules! define_record {
    (
        $(#[$attribute:meta])*
        pub struct $record:ident<$life:lifetime> in $table:ident {
            $($(#[doc = $doc:literal])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        pub struct $record<$life> {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl $crate::canonical::rows::Record for $record<'_> {
            fn table(&self) -> $crate::canonical::Table {
                $crate::canonical::Table::$table
            }

            fn write(&self, cells: &mut $crate::canonical::rows::CellWriter<'_>) {
                $($crate::canonical::rows::CellValue::write(self.$field, cells);)*
            }
        }

        /// The columns of the table, by name.
        #[derive(Debug)]
        pub struct Columns {
            $($(#[doc = $doc])* pub $field: $crate::canonical::rows::Column,)*
        }

        #[doc = concat!("The columns of [`", stringify!($record), "`], by name.")]
        pub const COLUMN: Columns = {
            let mut columns = $crate::canonical::rows::Numbering::start();
            Columns {
                $($field: columns.next(),)*
            }
        };

        /// The names of the columns in the database, in order.
        pub(super) const NAMES: &[&str] = &[$(stringify!($field)),*];
    };
}
pub(super) use define_record;

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use self::example::{COLUMN, Example, NAMES};
    use crate::canonical::contact::Contact;
    use crate::canonical::customer::Customer;
    use crate::canonical::product::Product;
    use crate::canonical::rows::{Record, Rows, Value};
    use crate::canonical::sale::SaleLine;
    use crate::canonical::stock::StockLevel;
    use crate::canonical::wine::{Category, PriceSegment};
    use crate::canonical::{Decimal, Table};

    fn hash(record: &dyn Record) -> i64 {
        let mut rows = Rows::default();
        rows.push("a.csv", 2, record);
        rows.hash_rows();
        rows.first().unwrap().hash()
    }

    /// The database keeps the hashes: a record whose hash changes makes each of its stored rows look changed.
    #[test]
    fn hashes_of_records_stay_the_same() {
        let decimal = Decimal::from_ten_thousandths;
        let amount = Decimal::from_real;
        let day = date(2025, 12, 27);
        let customer = hash(&Customer {
            customer_key: "isavigne-C1",
            first_name: Some("Jean"),
            last_name: Some("Dupont"),
            company_name: None,
            email: Some("jean@example.org"),
            phone: Some("+33388123456"),
            mobile: None,
            company_key: None,
            address: Some("1 rue du Port"),
            zip_code: Some("01000"),
            city: Some("Bourg"),
            country: Some("FR"),
            email_opt_out: true,
            sms_opt_out: false,
            phone_opt_out: true,
            active: true,
        });
        let product = hash(&Product {
            product_key: "RIESLING-2020-75CL",
            name: "Riesling 2020",
            category: Category::Blanc,
            price_segment: Some(PriceSegment::Entry),
            list_price_eur: amount(12.5),
            cost_price_eur: amount(4.25),
            grape_varieties: Some("[\"riesling\"]"),
            flavors: None,
            vintage: Some(2020),
            region: Some("Alsace"),
            alcohol_percent: amount(12.5),
            total_acidity_g_l: amount(6.1),
            residual_sugar_g_l: None,
            body: Some("sec"),
            tannins: None,
            format_cl: amount(75.0),
            barcode: Some("0376000000001"),
            active: false,
        });
        let sale = hash(&SaleLine {
            sale_line_key: "isavigne-vente|FA-1|2025|1",
            customer_key: "isavigne-C1",
            product_key: "RIESLING-2020-75CL",
            order_ref: Some("FA-1"),
            date_sale: day,
            quantity_units: decimal(2_0000),
            unit: Some("carton de 6"),
            quantity_bottles_75cl_eq: decimal(12_0000),
            price_unit_eur: amount(75.0),
            price_total_eur: amount(150.0),
            price_total_excl_tax_eur: amount(125.0),
            cost_total_eur: amount(51.0),
            margin_percent: amount(66.0),
            channel: Some("site web"),
            notes: None,
        });
        let stock = hash(&StockLevel {
            stock_key: "isavigne-S1",
            product_key: "RIESLING-2020-75CL",
            warehouse: Some("cave"),
            quantity_units: decimal(36_0000),
            quantity_bottles_75cl_eq: decimal(36_0000),
            reserved_qty: amount(6.0),
            available_qty: amount(30.0),
            last_count_date: Some(day),
        });
        let contact = hash(&Contact {
            contact_key: "isavigne-K1",
            customer_key: "isavigne-C1",
            date_contact: day,
            channel: Some("email"),
            campaign: Some("Noël"),
            subject: None,
            status: Some("clicked"),
            product_key_suggested: Some("RIESLING-2020-75CL"),
            response: Some("oui"),
            response_details: None,
        });
        assert_eq!(
            [customer, product, sale, stock, contact],
            [
                2_426_340_245_394_652_399,
                1_012_224_661_827_274_292,
                -9_028_697_879_498_860_786,
                -4_755_646_125_244_891_797,
                3_280_078_439_193_623_489,
            ]
        );
    }

    #[expect(unreachable_pub, reason = "records are public")]
    mod example {
        use crate::canonical::Decimal;

        define_record! {
            /// A record of three columns.
            pub struct Example<'a> in StockLevels {
                /// Its key.
                pub key: &'a str,
                /// A quantity.
                pub quantity: Decimal,
                /// A date.
                pub day: Option<jiff::civil::Date>,
            }
        }
    }

    #[test]
    fn struct_names_cells_and_columns_have_the_same_order() {
        let mut rows = Rows::default();
        let quantity = Decimal::from_ten_thousandths(7_0000);
        rows.push(
            "a.csv",
            2,
            &Example {
                key: "k",
                quantity,
                day: Some(date(2025, 12, 27)),
            },
        );
        let row = rows.first().unwrap();
        assert_eq!(NAMES, ["key", "quantity", "day"]);
        let values = [
            Value::Text("k"),
            Value::Decimal(quantity),
            Value::Text("2025-12-27"),
        ];
        assert!(row.values().eq(values));
        let by_name = [
            (COLUMN.key, values[0]),
            (COLUMN.quantity, values[1]),
            (COLUMN.day, values[2]),
        ];
        assert!(row.cells().eq(by_name));
        assert_eq!(row.key(), row.text(COLUMN.key));
        assert_eq!(row.decimal(COLUMN.quantity), Some(quantity));
        assert_eq!(row.text(COLUMN.day), "2025-12-27");
        assert_eq!(
            (row.text(COLUMN.quantity), row.decimal(COLUMN.day)),
            ("", None)
        );
    }

    #[test]
    fn the_first_column_of_each_table_is_its_key() {
        let keys = Table::ALL.map(Table::key_column);
        let expected = [
            "customer_key",
            "product_key",
            "sale_line_key",
            "stock_key",
            "contact_key",
        ];
        assert_eq!(keys, expected);
    }
}
