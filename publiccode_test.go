// Package arengo_test checks the files at the root of the repository that other
// programs read.
package arengo_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// publiccode is what publiccode.yml 0.5 makes mandatory, and the categories,
// which 0.4 made optional and catalogues still search by.
type publiccode struct {
	Version     string   `yaml:"publiccodeYmlVersion"`
	Name        string   `yaml:"name"`
	URL         string   `yaml:"url"`
	Platforms   []string `yaml:"platforms"`
	Categories  []string `yaml:"categories"`
	Status      string   `yaml:"developmentStatus"`
	Type        string   `yaml:"softwareType"`
	Description map[string]struct {
		Short    string   `yaml:"shortDescription"`
		Long     string   `yaml:"longDescription"`
		Features []string `yaml:"features"`
	} `yaml:"description"`
	Legal struct {
		License string `yaml:"license"`
	} `yaml:"legal"`
	Maintenance struct {
		Type     string `yaml:"type"`
		Contacts []struct {
			Name string `yaml:"name"`
		} `yaml:"contacts"`
		Contractors []struct {
			Name  string `yaml:"name"`
			Until string `yaml:"until"`
		} `yaml:"contractors"`
	} `yaml:"maintenance"`
	Localisation struct {
		Ready     *bool    `yaml:"localisationReady"`
		Languages []string `yaml:"availableLanguages"`
	} `yaml:"localisation"`
}

var (
	statuses = []string{"concept", "development", "beta", "stable", "obsolete"}
	types    = []string{
		"standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
		"standalone/other", "addon", "library", "configurationFiles",
	}
	maintenances = []string{"internal", "contract", "community", "none"}
)

// problems lists what the standard would refuse.
func (p *publiccode) problems() (out []string) {
	want := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	address, err := url.Parse(p.URL)
	want(p.Version == "0.5", "publiccodeYmlVersion is %q", p.Version)
	want(p.Name != "", "name is missing")
	want(err == nil && address.Scheme == "https" && address.Host != "", "url %q is no https address", p.URL)
	want(len(p.Platforms) > 0, "platforms is missing")
	want(len(p.Categories) > 0, "categories is missing")
	want(slices.Contains(statuses, p.Status), "developmentStatus is %q", p.Status)
	want(slices.Contains(types, p.Type), "softwareType is %q", p.Type)
	want(len(p.Description) > 0, "description is missing")
	for lang, d := range p.Description {
		short, long := utf8.RuneCountInString(d.Short), utf8.RuneCountInString(d.Long)
		want(short > 0 && short <= 150 && !strings.Contains(d.Short, "\n"), "shortDescription in %s has %d characters", lang, short)
		want(long >= 150 && long <= 10_000, "longDescription in %s has %d characters", lang, long)
		want(len(d.Features) > 0, "features in %s is missing", lang)
	}
	want(p.Legal.License != "", "legal/license is missing")
	m := p.Maintenance
	want(slices.Contains(maintenances, m.Type), "maintenance/type is %q", m.Type)
	if m.Type == "internal" || m.Type == "community" {
		want(len(m.Contacts) > 0 && m.Contacts[0].Name != "", "maintenance/contacts is missing")
	}
	if m.Type == "contract" {
		want(len(m.Contractors) > 0 && m.Contractors[0].Name != "" && m.Contractors[0].Until != "", "maintenance/contractors is missing")
	}
	want(p.Localisation.Ready != nil, "localisation/localisationReady is missing")
	want(len(p.Localisation.Languages) > 0, "localisation/availableLanguages is missing")
	return out
}

func load(t *testing.T) (text string, p publiccode) {
	t.Helper()
	b, err := os.ReadFile("publiccode.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	return string(b), p
}

func TestPubliccode(t *testing.T) {
	t.Parallel()
	_, p := load(t)
	for _, problem := range p.problems() {
		t.Error(problem)
	}
	if p.Name != "Arengo" || p.Legal.License != "AGPL-3.0-or-later" {
		t.Errorf("name %q, licence %q", p.Name, p.Legal.License)
	}
	for _, lang := range p.Localisation.Languages {
		if _, ok := p.Description[lang]; !ok {
			t.Errorf("no description in %s, in which the product is available", lang)
		}
	}
}

// Each mandatory key is missed when it is gone.
func TestPubliccodeMissingKeys(t *testing.T) {
	t.Parallel()
	text, _ := load(t)
	for _, key := range []string{
		"publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus", "softwareType",
		"description", "shortDescription", "longDescription", "features", "license", "type", "contacts",
		"localisationReady", "availableLanguages",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(text, key+":", "x-"+key+":", 1)
			if bad == text {
				t.Fatalf("%s is not in the file", key)
			}
			var p publiccode
			if err := yaml.Unmarshal([]byte(bad), &p); err != nil {
				t.Fatal(err)
			}
			if len(p.problems()) == 0 {
				t.Errorf("nobody misses %s", key)
			}
		})
	}
}

func TestLicence(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GNU AFFERO GENERAL PUBLIC LICENSE", "13. Remote Network Interaction", "END OF TERMS AND CONDITIONS"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("LICENSE does not hold %q", want)
		}
	}
}
