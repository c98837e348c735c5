package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"arengo/process/fault"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]int{
		fault.Invalid: 422, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404,
		fault.Conflict: 409, fault.Closed: 409, fault.TooMany: 429, "nonsense": 500,
	} {
		if got := fault.New(code, "k").Status(); got != want {
			t.Errorf("%s: status %d, want %d", code, got, want)
		}
	}
}

func TestErrorNamesPlaceAndCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("boom")
	err := fmt.Errorf("wrapped: %w", fault.Field("email", "person.email_bad", "value", "x", "a", 1).Because(cause))
	if want := "wrapped: invalid: person.email_bad (field email) a=1: boom"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, cause) || !fault.Is(err, fault.Invalid) || fault.Is(err, fault.Closed) {
		t.Error("cause or code is lost in the chain")
	}
}

func TestListIsNilWhenEmpty(t *testing.T) {
	t.Parallel()
	var l fault.List
	if l.Err() != nil {
		t.Error("an empty list must be no error")
	}
	l = append(l, fault.Field("title", "form.required"))
	if !fault.Is(l.Err(), fault.Invalid) {
		t.Error("a list must show its members")
	}
}
