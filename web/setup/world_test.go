package setup_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/place"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/web/setup"
	"arengo/web/webtest"
	"arengo/workflow/civil"
)

var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

// world is the pages of this package over a database of its own, with the
// shipped template and territories, and three people: a promoter of Siena, a
// second one, and somebody who has nothing to do with it.
type world struct {
	*worldtest.World
	*webtest.Site

	lucia  *webtest.Browser
	marco  *webtest.Browser
	nobody *webtest.Browser
}

const pages = "setup/choose setup/create setup/details setup/partners setup/population setup/dates setup/people setup/absence setup/documents setup/document setup/contact setup/contacts setup/import setup/publish setup/activities setup/version"

func newWorld(t *testing.T) *world {
	t.Helper()
	source, err := fixtures.Template("area-path")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{World: worldtest.Build(t, worldtest.Config{
		Template: "area-path", Path: string(source), Start: monday,
		Kinds: []process.Kind{webinar.Kind{}, assembly.Kind{}}, Known: []string{"questionnaire", "focusgroup", "codesign"},
	})}
	w.places()
	w.Site = webtest.Serve(w.World, pages, setup.Routes)
	w.Promoter = w.promoter("lucia@siena.example.org")
	w.lucia, w.marco = w.SignedIn(w.Promoter), w.SignedIn(w.promoter("marco@siena.example.org"))
	w.nobody = w.SignedIn(w.Actor("altro@example.org", "Altro"))
	return w
}

// promoter adds somebody who leads processes of Siena.
func (w *world) promoter(email string) process.Actor {
	w.T.Helper()
	who := w.Person(email)
	w.Must(place.AddPromoter(w.T.Context(), w.DB, w.Org, who, monday))
	actor, err := process.LoadActor(w.T.Context(), w.DB, who)
	w.Must(err)
	return actor
}

// places loads the municipalities of the province of Siena and its capital.
func (w *world) places() {
	w.T.Helper()
	all, err := fixtures.Territories()
	w.Must(err)
	zones := map[fixtures.TerritoryRef]string{}
	var list []place.Territory
	var parents []string
	for _, t := range all {
		if t.Kind == "zone" {
			zones[t.Ref()] = t.Name
			continue
		}
		_, parent := t.Parent.Split()
		scheme := strings.Replace(t.Scheme, "iso", "istat", 1)
		list = append(list, place.Territory{Scheme: scheme, Code: t.Code, Kind: t.Kind, Name: t.Name, Zone: zones[t.Zone], Population: int64(t.Population)})
		parents = append(parents, parent)
	}
	w.Must(w.Core.InTx(w.T.Context(), func(ctx context.Context, tx bun.Tx) error {
		return place.AddTerritories(ctx, tx, list, parents)
	}))
	var siena process.TerritoryID
	w.One(&siena, `SELECT id FROM territory WHERE code = '052032'`)
	w.Org, err = place.FindOrAdd(w.T.Context(), w.DB, place.Organisation{Name: "Comune di Siena", Kind: "municipality", Territory: siena}, monday)
	w.Must(err)
}

// draft makes a process through the domain and gives it.
func (w *world) draft() process.Process {
	w.T.Helper()
	p, err := w.Core.Create(w.T.Context(), w.Promoter, process.NewProcess{
		Template: "area-path", Title: "Area senese", OrganisationID: w.Org, StartsOn: civil.Date{Year: 2027, Month: 1, Day: 11},
	})
	w.Must(err)
	return p
}

// moved requires a redirect and follows it within this package's pages.
func moved(b *webtest.Browser, a *webtest.Answer, to string) *webtest.Answer {
	a.To(to)
	return b.Page(to)
}
