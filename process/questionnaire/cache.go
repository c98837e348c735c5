package questionnaire

type forms struct{}

func newForms() *forms { return &forms{} }

type tables struct{}

func newTables() *tables { return &tables{} }
