package process_test

import (
	"testing"

	"arengo/process"
	"arengo/process/fault"
)

func TestAllow(t *testing.T) {
	t.Parallel()
	var (
		visitor     = process.Standing{}
		signedIn    = process.Standing{Actor: process.Actor{Person: 1}}
		promoter    = process.Standing{Actor: process.Actor{Person: 2, Promoter: true}, Roles: []string{process.RolePromoter}}
		elsewhere   = process.Standing{Actor: process.Actor{Person: 3, Promoter: true}}
		facilitator = process.Standing{Actor: process.Actor{Person: 4}, Roles: []string{process.RoleFacilitator}}
		expert      = process.Standing{Actor: process.Actor{Person: 5}, Roles: []string{process.RoleExpert}}
		guarantor   = process.Standing{Actor: process.Actor{Person: 7}, Roles: []string{process.RoleGuarantor}}
		decider     = process.Standing{Actor: process.Actor{Person: 8}, Roles: []string{process.RoleDecider}}
		admin       = process.Standing{Actor: process.Actor{Person: 6, Administrator: true}}
		draft       = process.Situation{}
		open        = process.Situation{Published: true}
		over        = process.Situation{Published: true, Final: true}
	)
	tests := []struct {
		name string
		act  process.Act
		who  process.Standing
		at   process.Situation
		want fault.Code
	}{
		{"VisitorReadsPublished", process.ActProcessView, visitor, open, ""},
		{"VisitorSeesNoDraft", process.ActProcessView, visitor, draft, fault.NotFound},
		{"OtherPromoterSeesNoDraft", process.ActProcessView, elsewhere, draft, fault.NotFound},
		{"StrangerIsToldOfNoDraft", process.ActProcessEdit, signedIn, draft, fault.NotFound},
		{"OtherPromoterIsToldOfNoDraft", process.ActProcessPreview, elsewhere, draft, fault.NotFound},
		{"FacilitatorSeesDraft", process.ActProcessView, facilitator, draft, ""},
		{"VisitorMustSignIn", process.ActProcessEdit, visitor, open, fault.Unauthenticated},
		{"ParticipantEditsNothing", process.ActProcessEdit, signedIn, open, fault.Forbidden},
		{"PromoterEdits", process.ActProcessEdit, promoter, open, ""},
		{"OtherPromoterDoesNot", process.ActProcessEdit, elsewhere, open, fault.Forbidden},
		{"FacilitatorPublishesNot", process.ActProcessPublish, facilitator, draft, fault.Forbidden},
		{"FacilitatorAdvances", process.ActProcessAdvance, facilitator, open, ""},
		{"NotAfterTheEnd", process.ActProcessAdvance, facilitator, over, fault.Closed},
		{"ActsAfterTheEnd", process.ActDocumentEdit, promoter, over, ""},
		{"StrangerAfterTheEnd", process.ActProcessAdvance, signedIn, over, fault.Forbidden},
		{"ResultsAfterTheEnd", process.ActResultRead, expert, over, ""},
		{"ExpertImportsNoContacts", process.ActContactImport, expert, open, fault.Forbidden},
		{"GuarantorMoves", process.ActProcessAdvance, guarantor, open, ""},
		{"GuarantorWritesActs", process.ActDocumentEdit, guarantor, open, ""},
		{"GuarantorExtendsNot", process.ActProcessExtend, guarantor, open, fault.Forbidden},
		{"ExpertMoves", process.ActProcessAdvance, expert, open, ""},
		{"ParticipantMovesNothing", process.ActProcessAdvance, process.Standing{Actor: process.Actor{Person: 9}, Roles: []string{process.RoleParticipant}}, open, fault.Forbidden},
		{"DeciderMoves", process.ActProcessAdvance, decider, open, ""},
		{"DeciderReadsDraft", process.ActProcessPreview, decider, draft, ""},
		{"DeciderRunsNoActivity", process.ActActivityRun, decider, open, fault.Forbidden},
		{"AnyPromoterCreates", process.ActProcessCreate, elsewhere, draft, ""},
		{"FacilitatorCreatesNot", process.ActProcessCreate, facilitator, draft, fault.Forbidden},
		{"WorkspaceForStaff", process.ActWorkspace, facilitator, draft, ""},
		{"WorkspaceNotForParticipants", process.ActWorkspace, signedIn, draft, fault.Forbidden},
		{"AdministratorMayAll", process.ActAdminister, admin, open, ""},
		{"PromoterAdministersNot", process.ActAdminister, promoter, open, fault.Forbidden},
		{"PromoterPausesANotice", process.ActNoticePause, promoter, over, ""},
		{"FacilitatorPausesNone", process.ActNoticePause, facilitator, open, fault.Forbidden},
		{"PromoterAdaptsTexts", process.ActMessageAdapt, promoter, over, ""},
		{"FacilitatorAdaptsNone", process.ActMessageAdapt, facilitator, open, fault.Forbidden},
		{"PromoterConnectsPrograms", process.ActConnect, promoter, open, ""},
		{"OtherPromoterConnectsNone", process.ActConnect, elsewhere, open, fault.Forbidden},
		{"FacilitatorConnectsNone", process.ActConnect, facilitator, open, fault.Forbidden},
		{"FacilitatorRetriesAfterTheEnd", process.ActDeadlineRetry, facilitator, over, ""},
		{"GuarantorRetriesNot", process.ActDeadlineRetry, guarantor, open, fault.Forbidden},
		{"NothingOpensAfterTheEnd", process.ActActivityRun, facilitator, over, fault.Closed},
		{"WhatIsOpenEndsAfterTheEnd", process.ActActivityEnd, facilitator, over, ""},
		{"DeciderEndsNoActivity", process.ActActivityEnd, decider, over, fault.Forbidden},
		{"FacilitatorReadsTheLedgerAfterTheEnd", process.ActLedgerRead, facilitator, over, ""},
		{"EditorReadsNoLedger", process.ActLedgerRead, process.Standing{Actor: process.Actor{Person: 10}, Roles: []string{process.RoleEditor}}, open, fault.Forbidden},
		{"ExpertReadsNoLedger", process.ActLedgerRead, expert, open, fault.Forbidden},
		{"OtherPromoterReadsNoLedger", process.ActLedgerRead, elsewhere, open, fault.Forbidden},
		{"StrangerIsToldOfNoLedger", process.ActLedgerRead, signedIn, draft, fault.NotFound},
		{"FacilitatorWritesToPeople", process.ActMessageSend, facilitator, open, ""},
		{"DeciderWritesToNobody", process.ActMessageSend, decider, open, fault.Forbidden},
		{"FacilitatorIsAway", process.ActAbsenceOwn, facilitator, open, ""},
		{"StrangerIsNotAway", process.ActAbsenceOwn, signedIn, open, fault.Forbidden},
		{"OtherPromoterIsNotAway", process.ActAbsenceOwn, elsewhere, open, fault.Forbidden},
		{"NobodyIsAwayAfterTheEnd", process.ActAbsenceOwn, facilitator, over, fault.Closed},
		{"FacilitatorGivesNoRoles", process.ActPeopleEdit, facilitator, open, fault.Forbidden},
		{"UndeclaredActIsRefused", process.Act("nonsense"), admin, open, fault.Forbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := process.Allow(tt.act, tt.who, tt.at)
			if tt.want == "" && err != nil || tt.want != "" && !fault.Is(err, tt.want) {
				t.Errorf("got %v, want code %q", err, tt.want)
			}
		})
	}
}
