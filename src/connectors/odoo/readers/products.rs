//! What is sold (`product.product`): one row a variant, for a magnum is another product than a bottle.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{ModelReader, Part, Refusal, Scene};
use crate::canonical::product::Product;
use crate::canonical::wine::{self, Category, PriceSegment};
use crate::canonical::{Decimal, bottles};
use crate::connectors::Sink;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::record::{Fault, Ratio, Record};
use crate::connectors::odoo::references::money::Money;
use crate::connectors::odoo::references::taxes::{Taxed, Taxes};
use crate::connectors::odoo::references::{Basis, names};
use crate::connectors::odoo::row::Row;
use crate::connectors::remarks::{Remark, Remarks};
use jiff::civil::Date;

const PRODUCT: Model = Model {
    name: "product.product",
    application: "Ventes",
    required: &[("name", "name"), ("active", "active")],
    optional: &[
        "barcode",
        "categ_id",
        "company_id",
        "default_code",
        "list_price",
        "lst_price",
        "product_template_attribute_value_ids",
        COST,
        "taxes_id",
        "volume",
    ],
    probed: &[],
};

/// The field of the cost of one, a value for each company.
const COST: &str = "standard_price";

/// What makes a variant of a template.
const ATTRIBUTE_VALUE: Model = Model {
    name: "product.template.attribute.value",
    application: "Ventes",
    required: &[("name", "format_cl")],
    optional: &[],
    probed: &[],
};

const CATEGORY: Model = Model {
    name: "product.category",
    application: "Ventes",
    required: &[("complete_name", "category")],
    optional: &[],
    probed: &[],
};

/// No bottle is smaller or larger than these, in centilitres.
const BOTTLE_SIZES: std::ops::RangeInclusive<Decimal> =
    Decimal::from_ten_thousandths(10 * 10_000)..=Decimal::from_ten_thousandths(3_000 * 10_000);

/// Up to Odoo 16, a template that is renamed leaves its variants' `write_date` as it was.
const TEMPLATE: Part = Part {
    path: "product_tmpl_id",
    model: "product.template",
};

pub(in super::super) struct Products {
    /// Renaming `75 cl` moves no product, in any version: the names are part of the basis.
    attribute_values: BTreeMap<u64, String>,
    money: Arc<Money>,
    taxes: Option<Taxes>,
    /// Costs of products of another company than the session's, as that company sees them; without those that cannot be
    /// read.
    costs: HashMap<u64, Decimal>,
    /// The day list prices are converted on.
    today: Date,
    remarks: Remarks,
}

impl Products {
    pub(in super::super) const MODEL: &'static Model = &PRODUCT;

    pub(in super::super) fn new(today: Date) -> Self {
        Self {
            attribute_values: BTreeMap::new(),
            money: Arc::default(),
            taxes: None,
            costs: HashMap::new(),
            today,
            remarks: Remarks::on_records(),
        }
    }

    /// What a customer pays for one: the variant's own price where the server returns it, taxes included, in euros.
    fn list_price(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        id: u64,
    ) -> Result<Option<Decimal>, Refusal> {
        let Some(field) = scene.fields.first_of(&["lst_price", "list_price"]) else {
            return Ok(None);
        };
        let Some(price) = record.decimal(field)? else {
            return Ok(None);
        };
        let levied = record.links("taxes_id")?;
        let company = company_of(scene, record)?;
        let taxed = match &self.taxes {
            Some(taxes) => taxes.include(price, &levied, company),
            None => Some(Taxed::With(price)),
        };
        let price = match taxed {
            Some(Taxed::With(price)) => price,
            Some(Taxed::AsItStands) => {
                self.remarks.add(Remark::UnknownTax, id, &price.to_string());
                price
            }
            None => {
                return Err(record
                    .refuse(field, "dépasse mille milliards avec ses taxes")
                    .into());
            }
        };
        self.euros(scene, record, price)
    }

    /// Reads what `products` cost in the name of `company`; nothing where the user may not read in it.
    fn read_costs(
        &mut self,
        scene: &Scene<'_>,
        company: u64,
        products: &[u64],
    ) -> Result<(), Failure> {
        let arguments = json!({
            "domain": [["id", "in", products]],
            "fields": [COST],
            "order": "id",
        });
        let session = scene.session;
        let answer = session.call_in_company(company, PRODUCT.name, "search_read", &arguments);
        let answer = match answer {
            Err(Failure::Denied(_)) => return Ok(()),
            answer => answer?,
        };
        for row in answer.as_array().ok_or(Failure::GARBLED)? {
            let id = row.get("id").and_then(Value::as_u64);
            let cost = row.get(COST).and_then(Value::as_f64);
            if let (Some(id), Some(cost)) = (id, cost.and_then(Decimal::from_real)) {
                self.costs.insert(id, cost);
            }
        }
        Ok(())
    }

    /// What one costs. The value of one company says nothing of another: a product of another is asked for in its name.
    fn cost(
        &self,
        scene: &Scene<'_>,
        record: Record<'_>,
        id: u64,
    ) -> Result<Option<Decimal>, Refusal> {
        let cost = if other_company(scene, record)?.is_some() {
            self.costs.get(&id).copied()
        } else {
            record.decimal(COST)?
        };
        match cost {
            Some(cost) => self.euros(scene, record, cost),
            None => Ok(None),
        }
    }

    fn euros(
        &self,
        scene: &Scene<'_>,
        record: Record<'_>,
        amount: Decimal,
    ) -> Result<Option<Decimal>, Refusal> {
        match company_of(scene, record)? {
            Some(company) => Ok(self.money.euros(amount, company, self.today)?),
            None => Ok(Some(amount)),
        }
    }
}

/// The company of the product in `record`, where it is not the one that the session reads as.
fn other_company(scene: &Scene<'_>, record: Record<'_>) -> Result<Option<u64>, Fault> {
    let own = record.link("company_id")?.map(|company| company.id);
    let session = scene.session.server.company.or(scene.session.company);
    Ok(own.filter(|&own| Some(own) != session))
}

/// Whose price it is: the product's company, else the one that was asked for, else the user's own.
fn company_of(scene: &Scene<'_>, record: Record<'_>) -> Result<Option<u64>, Fault> {
    let own = record.link("company_id")?.map(|company| company.id);
    Ok(own
        .or(scene.session.server.company)
        .or(scene.session.company))
}

/// By the name, else by the variant's attributes.
fn vintage(name: &str, values: &[&str], next_year: i16) -> Option<i64> {
    let in_text = |text: &str| wine::vintage_in_name(text, next_year);
    let vintage = in_text(name).or_else(|| values.iter().copied().find_map(in_text));
    vintage.map(i64::from)
}

/// The volume of one: from what makes it a variant, else its name, its code, its volume.
fn format_cl(record: Record<'_>, values: &[&str], name: &str) -> Result<Option<Decimal>, Fault> {
    let of_variant = values
        .iter()
        .find_map(|value| bottles::format_cl(value, None));
    if let Some(format) = of_variant.or_else(|| bottles::format_cl(name, None)) {
        return Ok(Some(format));
    }
    let code = record.text("default_code")?;
    // A code that is but a number is no volume.
    let code = code.filter(|code| code.contains(char::is_alphabetic));
    if let Some(format) = code.and_then(|code| bottles::format_cl(&code, None)) {
        return Ok(Some(format));
    }
    let volume = record.ratio("volume")?.and_then(Ratio::cubic_metres_in_cl);
    Ok(volume.filter(|volume| BOTTLE_SIZES.contains(volume)))
}

impl ModelReader for Products {
    fn model(&self) -> &'static Model {
        Self::MODEL
    }

    fn domain(&self, scene: &Scene<'_>) -> Domain {
        let sold = scene.of_company().and("sale_ok", "=", true);
        sold.and("type", "!=", "service")
    }

    fn parts(&self) -> Vec<Part> {
        vec![TEMPLATE]
    }

    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure> {
        let session = scene.session;
        self.attribute_values = names(session, &ATTRIBUTE_VALUE, "name")?;
        basis.add(&self.attribute_values);
        basis.add(&names(session, &CATEGORY, "complete_name")?);
        self.money = scene.common.money(session, basis)?;
        self.taxes = if scene.fields.has("taxes_id") {
            Some(Taxes::read(session, basis)?)
        } else {
            None
        };
        Ok(())
    }

    fn begin_page(&mut self, scene: &Scene<'_>, page: &[Row<'_>]) -> Result<(), Failure> {
        self.costs.clear();
        if !scene.fields.has(COST) {
            return Ok(());
        }
        let mut by_company: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for row in page {
            if let Ok(Some(company)) = other_company(scene, Record(row)) {
                by_company.entry(company).or_default().push(row.id()?);
            }
        }
        for (company, products) in by_company {
            self.read_costs(scene, company, &products)?;
        }
        Ok(())
    }

    fn read_row(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        (id, key): (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let name = record.required_text("name")?;
        let values = record.links("product_template_attribute_value_ids")?;
        let values = values
            .iter()
            .filter_map(|value| self.attribute_values.get(value));
        let values: Vec<&str> = values.map(String::as_str).collect();
        let format_cl = format_cl(record, &values, &name)?;
        let family = record.link("categ_id")?;
        let family = family.map(|family| family.label()).unwrap_or_default();
        let hints = [family.as_ref()]
            .into_iter()
            .chain(values.iter().copied())
            .chain([name.as_ref()]);
        let category = wine::category(hints).unwrap_or(Category::Autre);
        let vintage = vintage(&name, &values, scene.next_year);
        let list_price = self.list_price(scene, record, id)?;
        let cost = self.cost(scene, record, id)?;
        sink.row(
            id,
            &Product {
                product_key: key,
                name: &name,
                category,
                price_segment: list_price.map(PriceSegment::of),
                list_price_eur: list_price,
                cost_price_eur: cost,
                grape_varieties: None,
                flavors: None,
                vintage,
                region: None,
                alcohol_percent: None,
                total_acidity_g_l: None,
                residual_sugar_g_l: None,
                body: None,
                tannins: None,
                format_cl,
                barcode: record.text("barcode")?.as_deref(),
                active: record.flag("active")?,
            },
        )?;
        Ok(())
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}
