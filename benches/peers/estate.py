"""An estate that never was, exported as iSaVigne does in France: Windows-1252, `;`, CRLF, dd/mm/yyyy, decimal commas,
no-break spaces between thousands. The same size and seed give the same bytes."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Iterable, Iterator

DAY = datetime.date(2025, 12, 27)
LATER = DAY + datetime.timedelta(days=1)
# Sales reach this far back.
DAYS = 4 * 365
# One line in so many is another in the changed file.
CHANGED_ONE_IN = 100
# Lines of one document, which has one customer and one date.
LINES_OF_A_DOCUMENT = 3
# Lines that are written at once.
CHUNK = 20_000

FIRST_NAMES = "Agnès Rémi Zélie Joël Irène Gérard Noémie Cédric Anne-Laure Théo Clémence Régis".split()
LAST_NAMES = ["Schœffer", "Lemaître", "d'Aubigné", "Roth-Keller", "Le Bihan", "Muñoz", "Hürlimann", "du Bellay", "Forêt", "Bernard", "Petit"]
FIRMS = ["SARL La Treille", "EARL du Clos Fleuri", "Restaurant L'Écluse", "Mairie d'Éguisheim", "SAS Bon & Fils"]
TOWNS = [("67140", "Barr"), ("68000", "Colmar"), ("01310", "Polliat"), ("33000", "Bordeaux"), ("75006", "Paris"), ("06400", "Cannes")]
COUNTRIES = ["France"] * 11 + ["Belgique"]
WINES = [
    ("Sylvaner Vieilles Vignes", "blanc", "Alsace", "Sylvaner"),
    ("Riesling Grand Cru Kirchberg", "blanc", "Alsace", "Riesling"),
    ("Crémant Brut Nature", "mousseux", "Alsace", "Pinot Blanc, Auxerrois"),
    ("Pinot Noir Élevé en Fût", "rouge", "Alsace", "Pinot Noir"),
    ("Côtes de Bourg", "rouge", "Bordeaux", "Merlot, Malbec"),
    ("Rosé de Provence", "rosé", "Provence", "Grenache, Cinsault"),
    ("Saint-Péray", "blanc", "Rhône", "Marsanne, Roussanne"),
]
# What a line counts in, and the half bottles of 75 cl it holds.
UNITS = [("bouteille", 2)] * 4 + [("magnum", 4), ("demi", 1), ("carton de 6", 12), ("caisse de 12", 24)]
CHANNELS = ["direct", "site web", "salon", "CHR", "export"]

CUSTOMER_HEADER = "Code client;Nom;Prénom;E-mail;Téléphone;Portable;Adresse;Code postal;Ville;Pays"
WINE_HEADER = "Code produit;Désignation;Couleur;Prix TTC;Coût;Cépages;Millésime;Région"
SALES_HEADER = "Num ligne;N° pièce;Code client;Code produit;Date;Qté;Unité;Prix unitaire;Montant TTC;Canal"
STOCK_HEADER = "Code produit;Dépôt;Quantité;Unité;Réservé;Date inventaire"


@dataclass(frozen=True)
class Size:
    """How many rows there are of each."""

    customers: int = 200_000
    wines: int = 5_000
    sales: int = 1_000_000
    stock: int = 20_000

    def rows(self) -> int:
        return self.customers + self.wines + self.sales + self.stock


@dataclass(frozen=True)
class Exports:
    """The files of an estate, and what is in them."""

    size: Size
    customers: Path
    wines: Path
    sales: Path
    stock: Path

    def all(self) -> list[Path]:
        return [self.customers, self.wines, self.sales, self.stock]


class Estate:
    """Customers, wines, sales and stock of one size and seed."""

    def __init__(self, size: Size, seed: int):
        self.size = size
        self.seed = seed
        chance = random.Random(f"{seed} prices")
        # Even, so that half a bottle has a price too.
        self.prices = [2 * chance.randint(300, 4_500) for _ in range(size.wines)]
        self.customer_codes = [f"C{at:06d}" if at % 7 else f"{at:06d}" for at in range(size.customers)]
        self.wine_codes = [wine_code(at) for at in range(size.wines)]

    def export(self, folder: Path) -> Exports:
        """Writes the four files into `folder`."""
        exports = self.exports(folder)
        write(exports.customers, CUSTOMER_HEADER, self.customers())
        write(exports.wines, WINE_HEADER, self.wines())
        write(exports.sales, SALES_HEADER, self.sales())
        write(exports.stock, STOCK_HEADER, self.stock())
        return exports

    def exports(self, folder: Path) -> Exports:
        """The four files as they are called in `folder`."""
        named = {kind: folder / f"{kind}_{DAY}.csv" for kind in ("clients", "produits", "ventes", "stock")}
        return Exports(self.size, named["clients"], named["produits"], named["ventes"], named["stock"])

    def export_changed(self, folder: Path) -> tuple[Path, int]:
        """Writes tomorrow's sales: the same lines, of which some have another quantity. Tells how many."""
        path = folder / f"ventes_{LATER}.csv"
        write(path, SALES_HEADER, self.sales(self.changed()))
        return path, sum(self.changed())

    def export_shuffled(self, folder: Path) -> Path:
        """Writes tomorrow's sales: the same lines in another order."""
        path = folder / f"ventes_{LATER}.csv"
        lines = list(self.sales())
        random.Random(f"{self.seed} order").shuffle(lines)
        write(path, SALES_HEADER, lines)
        return path

    def changed(self) -> Iterator[bool]:
        """Whether each sales line is another in the changed file."""
        chance = random.Random(f"{self.seed} changes").random
        return (chance() * CHANGED_ONE_IN < 1 for _ in range(self.size.sales))

    def customers(self) -> Iterator[str]:
        for at, code in enumerate(self.customer_codes):
            is_firm = at % 12 == 4
            name = FIRMS[at % len(FIRMS)] if is_firm else LAST_NAMES[at % len(LAST_NAMES)]
            first_name = "" if is_firm else FIRST_NAMES[at // 11 % len(FIRST_NAMES)]
            email = f"client{at}@exemple.fr" if at % 9 else ""
            phone = f"03 88 {at // 100 % 100:02d} {at % 100:02d} 12"
            mobile = f"06.12.{at // 100 % 100:02d}.{at % 100:02d}.34" if at % 4 == 0 else ""
            post_code, town = TOWNS[at % len(TOWNS)]
            street = f"{1 + at % 99} rue de l'Église"
            country = COUNTRIES[at % len(COUNTRIES)]
            yield f"{code};{name};{first_name};{email};{phone};{mobile};{street};{post_code};{town};{country}"

    def wines(self) -> Iterator[str]:
        for at, (code, price) in enumerate(zip(self.wine_codes, self.prices)):
            name, colour, region, grapes = WINES[at % len(WINES)]
            year = vintage(at)
            yield f"{code};{name} {year};{colour};{euros(price)};{euros(price * 2 // 5)};{grapes};{year};{region}"

    def sales(self, changed: Iterable[bool] = ()) -> Iterator[str]:
        """The sales lines; those that `changed` points at have one bottle more."""
        chance = random.Random(f"{self.seed} sales").random
        days = [(DAY - datetime.timedelta(days=back)).strftime("%d/%m/%Y") for back in range(DAYS)]
        is_changed = iter(changed)
        for at in range(self.size.sales):
            wine = int(chance() * len(self.wine_codes))
            unit, halves = UNITS[int(chance() * len(UNITS))]
            # Some bring bottles back.
            quantity = -1 - int(chance() * 3) if at % 97 == 5 else 1 + int(chance() * 24)
            if at % LINES_OF_A_DOCUMENT == 0:
                customer = self.customer_codes[int(chance() * len(self.customer_codes))]
                day = days[int(chance() * DAYS)]
            if next(is_changed, False):
                quantity += 25
            price = self.prices[wine] * halves // 2
            yield (
                f"V{at:08d};FA{at // LINES_OF_A_DOCUMENT:07d};{customer};{self.wine_codes[wine]};{day};{quantity};{unit};"
                f"{euros(price)};{euros(price * quantity)};{CHANNELS[at % 5]}"
            )

    def stock(self) -> Iterator[str]:
        chance = random.Random(f"{self.seed} stock")
        for at in range(self.size.stock):
            code = self.wine_codes[at % len(self.wine_codes)]
            cellar = at // len(self.wine_codes)
            place = f"Chai n° {cellar}" if cellar else "Principal"
            yield f"{code};{place};{chance.randint(0, 900)};bouteille;{chance.randint(0, 12)};{DAY:%d/%m/%Y}"


def wine_code(at: int) -> str:
    first_word = WINES[at % len(WINES)][0].split()[0].upper().replace("É", "E").replace("Ô", "O")
    return f"{first_word}-{vintage(at)}-{at:04d}-75CL"


def vintage(at: int) -> int:
    return 2012 + at // len(WINES) % 12


def euros(cents: int) -> str:
    """`-1 234,50`, the blank being one that does not break."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\u00a0") if whole > 999 else str(whole)
    return f"{'-' if cents < 0 else ''}{grouped},{rest:02d}"


def write(path: Path, header: str, lines: Iterable[str]) -> None:
    lines = iter(lines)
    with path.open("wb") as file:
        file.write(f"{header}\r\n".encode("cp1252"))
        while chunk := list(islice(lines, CHUNK)):
            chunk.append("")
            file.write("\r\n".join(chunk).encode("cp1252"))
