package catalogue_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"arengo/notify/catalogue"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/notices.md")

// page describes the catalogue to those who run processes.
const page = "../../docs/notices.md"

func TestTheDocumentIsTheCatalogue(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(raw), "<!-- kinds -->\n")
	_, after, ended := strings.Cut(rest, "<!-- /kinds -->")
	if !begun || !ended {
		t.Fatal("the marks of the tables are gone")
	}
	want := before + "<!-- kinds -->\n" + tables() + "<!-- /kinds -->" + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(raw) {
		t.Error("docs/notices.md is not what the catalogue says: run with -update")
	}
	for _, k := range catalogue.Kinds() {
		if !strings.Contains(after, "`"+k.Name+"`") {
			t.Errorf("no occasion leads to %s", k.Name)
		}
	}
}

func tables() string {
	var out strings.Builder
	for _, topic := range catalogue.Topics() {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n\n| kind | goes out | to whom | category | at once | keeps for | text |\n|---|---|---|---|---|---|---|\n",
			topic.Title["en"], topic.Description["en"])
		for _, k := range catalogue.Kinds() {
			if k.Topic == topic.Name {
				fmt.Fprintf(&out, "| `%s`<br>%s, *%s* | %s | %s | %s | %s | %s | %s |\n", k.Name, k.Title["en"], k.Title["it"],
					k.When["en"], strings.TrimPrefix(k.To["en"], "to "), k.Category, atOnce(k), length(k.TimeToLive), text(k))
			}
		}
	}
	return out.String() + "\n"
}

func atOnce(k catalogue.Kind) string {
	if k.Deadline || k.Category != catalogue.Participation {
		return "yes"
	}
	return ""
}

func length(d time.Duration) string {
	switch {
	case d == 24*time.Hour:
		return "1 day"
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}

func text(k catalogue.Kind) string {
	switch {
	case !k.Adaptable:
		return "fixed"
	case len(k.Keeps) == 0:
		return "may change"
	}
	return "may change, with {" + strings.Join(k.Keeps, "}, {") + "}"
}
