package diagram

import "arengo/workflow/definition"

// words are those of the drawings, Italian and English. Actors stand
// under their own names in a definition; offices are definition.RoleWords.
var words = map[string][2]string{
	"administrator": {"amministratore", "administrator"},
	"timer":         {"da sé alla scadenza", "by itself at the deadline"},
	"system":        {"da sé come conseguenza", "by itself as a consequence"},

	"followers":         {"chi segue", "followers"},
	"silent":            {"chi non ha risposto", "those who have not answered"},
	"invited":           {"gli invitati", "the invited"},
	"registered":        {"gli iscritti", "the registered"},
	"waiting":           {"la lista d’attesa", "the waiting list"},
	"everyone-involved": {"tutte le persone coinvolte", "everyone involved"},
	"contributors":      {"chi ha contribuito", "contributors"},

	"until.meeting":     {"fino all’inizio dell’incontro", "until the meeting begins"},
	"until.meeting_end": {"fino alla fine dell’incontro", "until the meeting ends"},
	"until.state":       {"fino all’inizio di", "until the beginning of"},
	"until.end":         {"fino alla fine", "until the end"},
	"until.entry":       {"fino all’inizio", "until the beginning"},
	"until.activity":    {"fino alla fine delle attività", "until the end of the activities"},
	"until.date":        {"fino alla data", "until the date"},
	"until.day":         {"fino al", "until"},

	"before.end":         {"prima della fine", "before the end"},
	"before.entry":       {"prima dell’inizio", "before the beginning"},
	"before.meeting":     {"prima dell’incontro", "before the meeting"},
	"before.meeting_end": {"prima della fine dell’incontro", "before the meeting ends"},
	"before.state":       {"prima dell’inizio di", "before the beginning of"},
	"before.activity":    {"prima della fine delle attività", "before the end of the activities"},
	"before.date":        {"prima della data", "before the date"},
	"before.day":         {"prima del", "before"},

	"after.end":         {"dopo la fine", "after the end"},
	"after.entry":       {"dopo l’inizio", "after the beginning"},
	"after.meeting":     {"dopo l’inizio dell’incontro", "after the meeting began"},
	"after.meeting_end": {"dopo la fine dell’incontro", "after the meeting"},
	"after.state":       {"dopo l’inizio di", "after the beginning of"},
	"after.activity":    {"dopo la fine delle attività", "after the end of the activities"},
	"after.date":        {"dopo la data", "after the date"},
	"after.day":         {"dopo il", "after"},

	"on.end":         {"alla fine", "at the end"},
	"on.entry":       {"all’inizio", "at the beginning"},
	"on.meeting":     {"all’inizio dell’incontro", "when the meeting begins"},
	"on.meeting_end": {"alla fine dell’incontro", "when the meeting ends"},
	"on.state":       {"all’inizio di", "at the beginning of"},
	"on.activity":    {"alla fine delle attività", "at the end of the activities"},
	"on.date":        {"alla data", "on the date"},
	"on.day":         {"il", "on"},

	"from.end":         {"contati dalla fine", "counted from the end"},
	"from.entry":       {"contati dall’inizio", "counted from the beginning"},
	"from.meeting":     {"contati dall’inizio dell’incontro", "counted from the beginning of the meeting"},
	"from.meeting_end": {"contati dalla fine dell’incontro", "counted from the end of the meeting"},
	"from.state":       {"contati dall’inizio di", "counted from the beginning of"},
	"from.activity":    {"contati dalla fine delle attività", "counted from the end of the activities"},
	"from.date":        {"contati dalla data", "counted from the date"},
	"from.day":         {"contati dal", "counted from"},

	"min":             {"almeno", "at least"},
	"max":             {"al massimo", "at most"},
	"length":          {"Durata", "Term"},
	"clock":           {"alle", "at"},
	"end":             {"Alla scadenza", "At the deadline"},
	"fires":           {"da sé", "by itself"},
	"overdue":         {"la fase resta in ritardo finché qualcuno non agisce", "the phase stays overdue until somebody acts"},
	"escalate":        {"se nulla accade, avviso per", "if nothing happens, notice to"},
	"extend":          {"Proroga", "Extension"},
	"once":            {"una volta", "once"},
	"times":           {"volte", "times"},
	"act":             {"con un atto allegato", "with an attached act"},
	"run":             {"una sospensione non ne sposta la fine", "a hold does not move its end"},
	"next":            {"una fine in giorno festivo passa al primo giorno che non lo è", "an end on a holiday moves to the first day that is none"},
	"dates":           {"Date da scegliere", "Dates to choose"},
	"required":        {"obbligatoria", "required"},
	"tells":           {"avviso per", "notice to"},
	"reopens":         {"riapre", "reopens"},
	"law":             {"Fonte", "Source"},
	"law.phase":       {"Fonte della fase", "Source of the phase"},
	"own":             {"scelta del modello, non della legge", "chosen by the template, not by the law"},
	"unconfirmed":     {"da verificare", "to be confirmed"},
	"needs":           {"serve", "needs"},
	"reason":          {"con una motivazione", "with a reason"},
	"deadlines":       {"Scadenze", "Deadlines"},
	"anytime":         {"In qualunque momento", "At any time"},
	"final":           {"fine", "end"},
	"others":          {"Altre conclusioni", "Other endings"},
	"now":             {"Adesso", "Now"},
	"done":            {"Conclusa", "Finished"},
	"clock-legend":    {"avviene anche da sé, alla scadenza", "also happens by itself, at the deadline"},
	"version":         {"versione", "version"},
	"zone":            {"ora di", "time of"},
	"picture":         {"schema", "diagram"},
	"or":              {"o", "or"},
	"then":            {"poi", "then"},
	"calendar.italy":  {"festività italiane", "Italian public holidays"},
	"calendar.ticino": {"festività ticinesi", "public holidays of Ticino"},
}

// say is a word in the drawing's language, or the key itself where nobody gave
// it a word: a definition may be newer than this table.
func (f flow) say(key string) string {
	pair, ok := words[key]
	role, office := definition.RoleWords[key]
	switch {
	case office:
		return role.In(f.lang)
	case !ok:
		return key
	case f.lang == "en":
		return pair[1]
	}
	return pair[0]
}
