"""The floor of an export: `csv.writer` or `json.dumps` over a cursor of the same SELECT."""

import csv
import json
import sqlite3
import sys

SELECT = "SELECT * FROM comments_flat WHERE site = 'theregister' ORDER BY instance, thread, position"


def main(form: str, archive: str, output: str) -> None:
    """Write all comments of an archive."""
    connection = sqlite3.connect(archive)
    cursor = connection.execute(SELECT)
    names = [column[0] for column in cursor.description]
    with open(output, "w", encoding="utf-8", newline="") as file:
        if form == "csv":
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(cursor)
        else:
            for row in cursor:
                file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
