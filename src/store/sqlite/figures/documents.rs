//! Sales lines packed by document: an export keeps the lines of a document together, and they share its customer, its
//! number and its day.

use xxhash_rust::xxh3::xxh3_64;

use super::line::{SalesLine, take};
use super::ranges::cut;
use crate::error::Result;

/// Hash of a document's customer, and length of the document in bytes.
pub(super) type Head = [[u8; size_of::<u32>()]; 2];

/// Documents as bytes: each behind its [`Head`], so that those of other customers can be skipped.
#[derive(Debug, Default)]
pub(super) struct Documents {
    bytes: Vec<u8>,
    /// Where the open document begins, behind its head.
    begin: Option<usize>,
    order: u64,
    customer: String,
    day: Vec<u8>,
    is_fresh: bool,
}

impl Documents {
    /// Appends `line`, to the open document if it belongs there.
    pub(super) fn add(&mut self, line: &SalesLine<'_>) {
        if !self.is_open_for(line) {
            self.close();
            self.open_for(line);
        }
        let numbers = [
            line.total.to_le_bytes(),
            line.bottles.to_le_bytes(),
            packed(line.product),
        ];
        self.bytes.extend_from_slice(numbers.as_flattened());
        self.bytes.extend_from_slice(line.product.as_bytes());
    }

    fn is_open_for(&self, line: &SalesLine<'_>) -> bool {
        self.begin.is_some()
            && self.order == line.order
            && self.is_fresh == line.is_fresh
            && self.day == line.day
            && self.customer == line.customer
    }

    fn open_for(&mut self, line: &SalesLine<'_>) {
        self.order = line.order;
        self.is_fresh = line.is_fresh;
        line.day.clone_into(&mut self.day);
        line.customer.clone_into(&mut self.customer);
        let head: Head = [hash(line.customer).to_le_bytes(), Default::default()];
        self.bytes.extend_from_slice(head.as_flattened());
        self.begin = Some(self.bytes.len());
        let numbers = [
            line.order.to_le_bytes(),
            packed(line.customer),
            u64::from(line.is_fresh).to_le_bytes(),
            (line.day.len() as u64).to_le_bytes(),
        ];
        self.bytes.extend_from_slice(numbers.as_flattened());
        self.bytes.extend_from_slice(line.customer.as_bytes());
        self.bytes.extend_from_slice(line.day);
    }

    /// Writes the length of the open document into its head.
    fn close(&mut self) {
        let Some(begin) = self.begin.take() else {
            return;
        };
        // A longer document than `u32` counts would fail when it is read back.
        let length = u32::try_from(self.bytes.len() - begin).unwrap_or(u32::MAX);
        let head = self.bytes.get_mut(..begin);
        if let Some(slot) = head.and_then(<[u8]>::last_chunk_mut) {
            *slot = length.to_le_bytes();
        }
    }

    /// Length of all documents, in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Closes the open document, and passes the bytes of all of them to `write`.
    pub(super) fn empty_into<T>(&mut self, write: impl FnOnce(&[u8]) -> T) -> T {
        self.close();
        let written = write(&self.bytes);
        self.bytes.clear();
        written
    }
}

/// Passes each line of a document without its head to `each`.
pub(super) fn each_line(
    document: &[u8],
    mut each: impl FnMut(&SalesLine<'_>) -> Result<()>,
) -> Result<()> {
    let (head, mut lines) = read_head(document).ok_or_else(cut)?;
    while !lines.is_empty() {
        each(&read_line(&head, &mut lines).ok_or_else(cut)?)?;
    }
    Ok(())
}

/// What the lines of a document share, and the bytes of its lines.
fn read_head(mut bytes: &[u8]) -> Option<(SalesLine<'_>, &[u8])> {
    let order = u64::from_le_bytes(take(&mut bytes)?);
    let customer_length = take(&mut bytes)?;
    let is_fresh = u64::from_le_bytes(take(&mut bytes)?) != 0;
    let day_length = take(&mut bytes)?;
    let head = SalesLine {
        customer: str::from_utf8(take_part(customer_length, &mut bytes)?).ok()?,
        product: "",
        order,
        day: take_part(day_length, &mut bytes)?,
        total: 0,
        bottles: 0,
        is_fresh,
    };
    Some((head, bytes))
}

fn read_line<'a>(head: &SalesLine<'a>, bytes: &mut &'a [u8]) -> Option<SalesLine<'a>> {
    let total = i64::from_le_bytes(take(bytes)?);
    let bottles = i64::from_le_bytes(take(bytes)?);
    let product_length = take(bytes)?;
    Some(SalesLine {
        total,
        bottles,
        product: str::from_utf8(take_part(product_length, bytes)?).ok()?,
        ..*head
    })
}

/// The length of `text`, in bytes.
fn packed(text: &str) -> [u8; size_of::<u64>()] {
    (text.len() as u64).to_le_bytes()
}

/// Removes and returns the first bytes, as many as the [`packed`] `length` says.
fn take_part<'a>(length: [u8; size_of::<u64>()], bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u64::from_le_bytes(length)).ok()?;
    bytes.split_off(..length)
}

/// 32-bit hash of a customer's key; collisions are tolerated.
pub(super) fn hash(customer: &str) -> u32 {
    let [a, b, c, d, ..] = xxh3_64(customer.as_bytes()).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_come_out_as_they_went_in(
            lines in prop::collection::vec(
                (["[ab]{0,2}", "\\PC{0,20}", "[12]{0,2}"], 0..3_u64, any::<(i64, i64)>(), any::<bool>()),
                0..12,
            ),
            cut in any::<prop::sample::Index>(),
        ) {
            let lines: Vec<SalesLine<'_>> = lines
                .iter()
                .map(|([customer, product, day], order, (total, bottles), is_fresh)| SalesLine {
                    customer,
                    product,
                    order: *order,
                    day: day.as_bytes(),
                    total: *total,
                    bottles: *bottles,
                    is_fresh: *is_fresh,
                })
                .collect();
            let mut documents = Documents::default();
            for line in &lines {
                documents.add(line);
            }
            let mut rest = &documents.empty_into(<[u8]>::to_vec)[..];
            let mut read = 0;
            while !rest.is_empty() {
                let customer = u32::from_le_bytes(take(&mut rest).unwrap());
                let length = u32::from_le_bytes(take(&mut rest).unwrap()) as usize;
                let document = rest.split_off(..length).unwrap();
                let before = read;
                each_line(document, |line| {
                    assert_eq!(line, &lines[read]);
                    assert_eq!(customer, hash(line.customer));
                    read += 1;
                    Ok(())
                })
                .unwrap();
                let short = &document[..cut.index(document.len())];
                let mut left = 0;
                let end = each_line(short, |_| {
                    left += 1;
                    Ok(())
                });
                prop_assert!(end.is_err() || left < read - before, "cut documents are noticed");
            }
            prop_assert_eq!(read, lines.len());
        }
    }
}
