package roster

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"arengo/process"
)

// ScopeTerritories is the word of a notice's payload (Payload.Extra) under
// which a reminder keeps the territories that it is narrowed to, as decimal
// identifiers between commas. The audience must honour it.
const ScopeTerritories = "territories"

// manualPrefix begins the keys of reminders that people send, apart from those
// of the definition's schedule.
func manualPrefix(a process.Activity) string { return fmt.Sprintf("manual-reminder/%d/", a.ID) }

func manualKey(a process.Activity, key string) string { return manualPrefix(a) + key }

// personKey is the key of a notice to one person.
func personKey(occasion string, person process.PersonID) string {
	return fmt.Sprintf("%s/%d", occasion, person)
}

func stamp(now time.Time) string { return now.UTC().Format("20060102T150405") }

func scopePayload(scope Scope) (json.RawMessage, error) {
	if len(scope.Territories) == 0 {
		return json.RawMessage("{}"), nil
	}
	ids := make([]string, len(scope.Territories))
	for i, t := range scope.Territories {
		ids[i] = strconv.FormatInt(int64(t), 10)
	}
	return json.Marshal(process.Payload{Extra: map[string]string{ScopeTerritories: strings.Join(ids, ",")}})
}
