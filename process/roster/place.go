package roster

import (
	"strings"

	"arengo/process"
)

// Territory is a municipality in which contacts may live. Zone is the name of
// its zone, "" when it has none.
type Territory struct {
	ID   process.TerritoryID `bun:"id"`
	Code string
	Name string
	Zone string
}

// gazetteer finds municipalities by what people write.
type gazetteer struct {
	byCode map[string]process.TerritoryID
	byName map[string][]process.TerritoryID
}

func newGazetteer(list []Territory) gazetteer {
	g := gazetteer{map[string]process.TerritoryID{}, map[string][]process.TerritoryID{}}
	for _, t := range list {
		g.byCode[bareCode(t.Code)] = t.ID
		g.name(t.Name, t.ID)
		// Towns with two official names are known by either.
		if halves := strings.Split(t.Name, "/"); len(halves) > 1 {
			for _, half := range halves {
				g.name(half, t.ID)
			}
		}
	}
	return g
}

func (g gazetteer) name(name string, id process.TerritoryID) {
	key := fold(name)
	g.byName[key] = append(g.byName[key], id)
}

// find gives the municipality of a row, 0 when the row names none. The code
// decides when there is one. The problem is a locale key: nobody lives in a
// place that cannot be told.
func (g gazetteer) find(row Row) (id process.TerritoryID, problem, value string) {
	written := row.Code
	if written == "" && isCode(row.Place) {
		written = row.Place
	}
	if written != "" {
		if id, ok := g.byCode[bareCode(written)]; ok {
			return id, "", ""
		}
		return 0, "roster.row_code_unknown", written
	}
	if row.Place == "" {
		return 0, "", ""
	}
	switch found := g.byName[fold(withoutProvince(row.Place))]; len(found) {
	case 0:
		return 0, "roster.row_municipality_unknown", row.Place
	case 1:
		return found[0], "", ""
	default:
		return 0, "roster.row_municipality_ambiguous", row.Place
	}
}

// withoutProvince reads "Siena (SI)" and "Comune di Siena" as "Siena".
func withoutProvince(name string) string {
	if i := strings.IndexByte(name, '('); i > 0 && strings.HasSuffix(name, ")") {
		name = name[:i]
	}
	if rest, ok := strings.CutPrefix(strings.ToLower(name), "comune di "); ok {
		return rest
	}
	return name
}

// bareCode drops the zeros in front: a spreadsheet that took the code for a
// number has done so already.
func bareCode(s string) string { return strings.TrimLeft(strings.TrimSpace(s), "0") }

func isCode(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
