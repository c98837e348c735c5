package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/schema_validation"

	"arengo/web/api"
	"arengo/web/site"
)

// contract is the published document as a judge of requests and answers.
var contract = sync.OnceValues(func() (validator.Validator, error) {
	source, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	document, err := libopenapi.NewDocument(source)
	if err != nil {
		return nil, err
	}
	v, problems := validator.NewValidator(document)
	return v, joined(problems)
})

func joined(problems []error) error {
	if len(problems) > 0 {
		return problems[0]
	}
	return nil
}

func judge(t testing.TB) validator.Validator {
	t.Helper()
	v, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func complain(t testing.TB, what string, problems []*errors.ValidationError) {
	t.Helper()
	for _, p := range problems {
		t.Errorf("%s: %s: %s", what, p.Message, p.Reason)
		for _, s := range p.SchemaValidationErrors {
			t.Errorf("  %s at %s", s.Reason, s.FieldPath)
		}
	}
}

func TestContractIsOpenAPI(t *testing.T) {
	t.Parallel()
	ok, problems := judge(t).ValidateDocument()
	complain(t, "openapi.json", problems)
	if !ok {
		t.Error("the document is not valid")
	}
}

// Every route stands in the document, with its method, and the reverse.
func TestContractNamesEveryRoute(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(source, &document); err != nil {
		t.Fatal(err)
	}
	var written, served []string
	for path, methods := range document.Paths {
		for method := range methods {
			if method != "parameters" {
				written = append(written, strings.ToUpper(method)+" "+path)
			}
		}
	}
	names := strings.NewReplacer(":process", "{id}", ":event", "{event}")
	for _, r := range api.Routes(&site.Site{}) {
		served = append(served, r.Method+" "+names.Replace(r.Path))
		if r.Access != site.Keyed && !slices.Contains([]string{"/api/v1/openapi.json", "/api/v1/status"}, r.Path) {
			t.Errorf("%s asks for no token", r.Path)
		}
	}
	slices.Sort(written)
	slices.Sort(served)
	if len(served) < 7 || !slices.Equal(written, served) {
		t.Errorf("written %q\nserved %q", written, served)
	}
}

// What webhooks carry stands in the document too.
func conformEvent(t testing.TB, body string) {
	t.Helper()
	source, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(source)
	if err != nil {
		t.Fatal(err)
	}
	model, err := document.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	event, ok := model.Model.Components.Schemas.Get("Event")
	if !ok {
		t.Fatal("the document has no Event")
	}
	_, problems := schema_validation.NewSchemaValidator().ValidateSchemaString(event.Schema(), body)
	complain(t, "event "+body, problems)
}

// conform holds a call and its answer against the document.
func conform(t testing.TB, r *http.Request, res *http.Response, goodRequest bool) {
	t.Helper()
	if goodRequest {
		_, problems := judge(t).ValidateHttpRequest(r)
		complain(t, "request "+r.Method+" "+r.URL.Path, problems)
	}
	_, problems := judge(t).ValidateHttpResponse(r, res)
	complain(t, "answer to "+r.Method+" "+r.URL.Path+", "+res.Status, problems)
}
