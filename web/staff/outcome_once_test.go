package staff_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestOutcomeFormMakesOne(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	list := s.home() + "/esiti"
	b := s.as(s.Editor)
	bad := b.Submit(b.Get(list+"/nuovo"), "main form", "kind", "need", "title", "").Is(http.StatusUnprocessableEntity)
	at := b.Twice(bad, "main form", "title", "Autobus la sera")
	if !strings.HasPrefix(at, list+"/") || strings.HasSuffix(at, "/nuovo") {
		t.Errorf("sent to %q", at)
	}
	saved := b.Get(at).Is(http.StatusOK).Says("Avevi già inviato questo modulo")
	if saved.Find("input[name=form_key]").Length() != 0 {
		t.Error("the form of what is there makes something")
	}
	if n := s.Count(`SELECT count(*) FROM outcome`); n != 1 {
		t.Errorf("%d outcomes", n)
	}
	b.Submit(saved, "main form", "title", "Autobus di notte").To(at)
	stolen := bad.Find("input[name=form_key]").AttrOr("value", "")
	other := s.as(s.Promoter)
	if to := other.Submit(other.Get(list+"/nuovo"), "main form", "title", "Autobus la sera", "form_key", stolen).Back().Location(); to == at {
		t.Error("somebody else's key led to the editor's outcome")
	}
	if to := b.Submit(bad, "main form", "title", "Autobus la sera", "form_key", "-").Back().Location(); to == at {
		t.Error("a form without a key made nothing")
	}
}
