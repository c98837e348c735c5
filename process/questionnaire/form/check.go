package form

// Severity tells problems that forbid publication from advice.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

const maxScaleSteps = 20

// Problem is one finding of Check. Item is the code of the item at fault,
// empty for the questionnaire or a section; Number is the question's number as
// people see it (0 for none); Field names the part of the item ("text",
// "options", "options.2", "min", "show_if", …); Key is the locale key of the
// sentence and Args fill its placeholders.
type Problem struct {
	Item     string
	Number   int
	Field    string
	Code     string
	Key      string
	Args     map[string]any
	Severity Severity
}

// Check reports everything that is wrong with a definition, all at once, in
// the order of the questionnaire.
func Check(def Definition) []Problem { panic("todo") }
