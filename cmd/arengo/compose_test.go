package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// composeService is what the test reads of a service.
type composeService struct {
	Image       string
	Command     any
	Environment map[string]string
	DependsOn   any `yaml:"depends_on"`
	Deploy      struct{ Replicas int }
	Build       struct{ Target string }
	Volumes     []string
}

func compose(t *testing.T) map[string]composeService {
	t.Helper()
	content, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]composeService
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatalf("docker-compose.yml: %v", err)
	}
	return file.Services
}

func TestComposeHasTheShapeOfAProduction(t *testing.T) {
	t.Parallel()
	services := compose(t)
	for _, name := range []string{"postgres", "redis", "migrate", "web", "worker", "mail", "proxy"} {
		if services[name].Image == "" {
			t.Errorf("service %s has no image", name)
		}
	}
	for _, name := range []string{"web", "worker"} {
		if n := services[name].Deploy.Replicas; n != 2 {
			t.Errorf("%d %s nodes, want 2", n, name)
		}
	}
	if s := fmt.Sprint(services["redis"].Command); !strings.Contains(s, "--appendonly yes") || !strings.Contains(s, "noeviction") {
		t.Errorf("redis runs as %s", s)
	}
	if s := fmt.Sprint(services["postgres"].Command); !strings.Contains(s, "log_min_error_statement=panic") {
		t.Errorf("postgres runs as %s", s)
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range services {
		if s.Build.Target != "" && !strings.Contains(string(dockerfile), " AS "+s.Build.Target+"\n") {
			t.Errorf("%s builds target %s, which the Dockerfile has not", name, s.Build.Target)
		}
		for _, v := range s.Volumes {
			if source, _, _ := strings.Cut(v, ":"); strings.HasPrefix(source, "./") {
				if _, err := os.Stat("../../" + source); err != nil {
					t.Errorf("%s mounts what is not there: %v", name, err)
				}
			}
		}
	}
}

// What the file says is what the program reads, and what it accepts.
func TestComposeSetsVariablesThatAreRead(t *testing.T) {
	t.Parallel()
	seen := 0
	check := func(where, name string) {
		if !strings.HasPrefix(name, "ARENGO_") {
			return
		}
		seen++
		if !slices.Contains(variables, name) {
			t.Errorf("%s sets %s, which the program does not read", where, name)
		}
	}
	services := compose(t)
	for where, s := range services {
		for name := range s.Environment {
			check(where, name)
		}
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\b(ARENGO_[A-Z_]+)=`).FindAllStringSubmatch(string(dockerfile), -1) {
		check("Dockerfile", m[1])
	}
	if seen < 15 {
		t.Fatalf("only %d variables were found", seen)
	}
	for _, name := range []string{"web", "worker"} {
		filled := map[string]string{}
		for k, v := range services[name].Environment {
			filled[k] = fill(v)
		}
		if _, err := loadConfig(env(filled)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The words of each command are the program's.
func TestComposeCommands(t *testing.T) {
	t.Parallel()
	found := 0
	for name, s := range compose(t) {
		if !strings.HasPrefix(s.Image, "arengo-") {
			continue
		}
		words, ok := s.Command.([]any)
		if !ok || len(words) == 0 {
			t.Errorf("%s has command %v", name, s.Command)
			continue
		}
		found++
		if _, ok := commands[fmt.Sprint(words[0])]; !ok {
			t.Errorf("%s runs arengo %v, which there is not", name, words[0])
		}
	}
	if found != 4 {
		t.Errorf("%d services run the program, want migrate, web, worker and mail", found)
	}
}

var placeholder = regexp.MustCompile(`\$\{([A-Z_]+)(?::[-?]([^}]*))?\}`)

// fill puts a plausible value for each ${VARIABLE}.
func fill(v string) string {
	return placeholder.ReplaceAllStringFunc(v, func(p string) string {
		m := placeholder.FindStringSubmatch(p)
		if strings.Contains(p, ":-") {
			return m[2]
		}
		return strings.Repeat("x", 40)
	})
}
