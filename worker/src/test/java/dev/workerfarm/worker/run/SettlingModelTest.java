package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.worker.run.SettlingModel.Flaw;
import dev.workerfarm.worker.run.SettlingModel.Kind;
import dev.workerfarm.worker.run.SettlingModel.Outcome;
import dev.workerfarm.worker.run.SettlingModel.Stage;
import dev.workerfarm.worker.run.SettlingModel.State;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the order gate, commit, publish, confirm, ack keeps its promises whatever happens, and that no other does. */
@Tag("proof")
class SettlingModelTest {
    private static final int FAULTS = 4;

    @Test
    void everyOrderOfStepsAndFaultsEndsWell() {
        var model = new SettlingModel(Flaw.NONE);
        Set<Kind> ends = EnumSet.noneOf(Kind.class);
        var both = new AtomicBoolean();
        var states = new AtomicInteger();

        var bad = model.find(FAULTS, (state, steps) -> {
            states.incrementAndGet();
            both.compareAndSet(false, state.hands().stream().allMatch(hand -> hand.stage() == Stage.RUNNING));
            if (steps.isEmpty()) {
                ends.add(state.last().kind());
            }
            return !broken(state, steps).isEmpty();
        });

        assertThat(bad.map(state -> broken(state, model.steps(state)) + " in " + state))
                .isEmpty();
        // The model is no use if nothing happens in it.
        assertThat(states).hasValueGreaterThan(100_000);
        assertThat(both).as("two run it at a time").isTrue();
        assertThat(ends).containsExactlyInAnyOrder(Kind.SUCCEEDED, Kind.FAILED, Kind.TIMED_OUT, Kind.REVOKED);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void noStepMayBeLeftOutOrChangePlaces(Flaw flaw) {
        var model = new SettlingModel(flaw);

        assertThat(model.find(2, (state, steps) -> !broken(state, steps).isEmpty()))
                .isPresent();
    }

    /** The promises that a state does not keep; {@code steps} are those that may come next. */
    private static List<String> broken(State state, List<State> steps) {
        List<String> broken = new ArrayList<>();
        var last = state.last();
        var succeeded = last.run() != 0 && last.kind() == Kind.SUCCEEDED;
        if (state.effects() != (succeeded ? 1 : 0)) {
            broken.add("effects count once, with the outcome that succeeded, and with no other");
        }
        if (!state.replies().stream().allMatch(reply -> tells(reply, last))) {
            broken.add(
                    "every reply is the committed outcome of the last attempt, or says that the broker refuses that");
        }
        for (int attempt = 0; attempt <= 1; attempt++) {
            if (holders(state, attempt) != state.out().get(attempt)) {
                broken.add("a delivery has one hand that settles it");
            }
        }
        var isUnderWay = holders(state, 0) + holders(state, 1) > 0
                || state.queued().get(0) + state.queued().get(1) > 0
                || !state.letters().isEmpty();
        if (!isUnderWay && state.replies().isEmpty()) {
            broken.add("what is not answered is queued, held or a letter");
        }
        if (steps.isEmpty() && (isUnderWay || state.replies().isEmpty())) {
            broken.add("at the end it is settled and answered");
        }
        return broken;
    }

    private static boolean tells(Outcome reply, Outcome last) {
        return reply.run() == last.run() && (reply.kind() == last.kind() || reply.kind() == Kind.TOO_LARGE);
    }

    private static int holders(State state, int attempt) {
        return (int) state.hands().stream()
                .filter(hand -> hand.holds() && hand.attempt() == attempt)
                .count();
    }
}
