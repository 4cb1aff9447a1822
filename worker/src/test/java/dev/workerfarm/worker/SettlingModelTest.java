package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.worker.SettlingModel.Flaw;
import dev.workerfarm.worker.SettlingModel.Stage;
import dev.workerfarm.worker.SettlingModel.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the order commit, publish, confirm, ack keeps its promises whatever happens, and that no other does. */
class SettlingModelTest {
    private static final int FAULTS = 4;

    @Test
    void everyOrderOfStepsAndFaultsEndsWell() {
        var model = new SettlingModel(Flaw.NONE);
        var states = model.reachable(FAULTS);

        assertThat(states).hasSizeGreaterThan(1_000);
        for (var state : states) {
            assertThat(broken(model, state)).as(state::toString).isEmpty();
        }
        // The model is no use if nothing happens in it.
        assertThat(states).anyMatch(state -> state.runs() > 1 && state.gone());
        assertThat(states)
                .anyMatch(state -> state.workers().stream().allMatch(worker -> worker.stage() == Stage.RUNNING));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void noStepMayBeLeftOutOrChangePlaces(Flaw flaw) {
        var model = new SettlingModel(flaw);

        assertThat(model.reachable(FAULTS))
                .anyMatch(state -> !broken(model, state).isEmpty());
    }

    /** The promises that a state does not keep. */
    private static List<String> broken(SettlingModel model, State state) {
        List<String> broken = new ArrayList<>();
        if (state.effects() > 1 || (state.effects() == 0 && state.committed() != 0)) {
            broken.add("effects count once");
        }
        if (state.replies() != 0 && state.replies() != 1 << state.committed()) {
            broken.add("every reply is the committed outcome");
        }
        if (state.gone() && (state.replies() == 0 || state.committed() == 0)) {
            broken.add("no ack before the outcome is published");
        }
        var held = state.workers().stream().anyMatch(SettlingModel.Worker::holds);
        if (!state.gone() && !state.queued() && !held) {
            broken.add("a message that is not settled is queued or held");
        }
        var last = model.steps(state).isEmpty();
        if (last && !(state.gone() && state.effects() == 1 && state.replies() != 0)) {
            broken.add("at the end it is settled, counted and answered");
        }
        return broken;
    }
}
