package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.worker.run.CuttingModel.Flaw;
import dev.workerfarm.worker.run.CuttingModel.Stage;
import dev.workerfarm.worker.run.CuttingModel.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That a chunk that is cut keeps the promises of one that is not, whatever happens, and that no other order does. */
class CuttingModelTest {
    @Test
    void everyOrderOfStepsAndFaultsEndsWell() {
        var model = new CuttingModel(Flaw.NONE);
        var states = new AtomicInteger();
        var ends = new AtomicInteger();

        var bad = model.find(3, state -> {
            states.incrementAndGet();
            if (model.steps(state).isEmpty()) {
                ends.incrementAndGet();
            }
            return !broken(model, state).isEmpty();
        });

        assertThat(bad.map(state -> broken(model, state) + " in " + state)).isEmpty();
        // The model is no use if nothing happens in it.
        assertThat(states).hasValueGreaterThan(10_000);
        assertThat(ends).hasPositiveValue();
        assertThat(model.find(0, state -> state.hands().stream().allMatch(hand -> hand.stage() == Stage.SECOND_RUNS)))
                .as("both run the second item, one of them after a cut that was not confirmed in time")
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void noStepMayBeLeftOutOrChangePlaces(Flaw flaw) {
        var model = new CuttingModel(flaw);

        assertThat(model.find(3, state -> !broken(model, state).isEmpty())).isPresent();
    }

    /** The promises that a state does not keep. */
    private static List<String> broken(CuttingModel model, State state) {
        List<String> broken = new ArrayList<>();
        var isUnderWay = state.hands().stream().anyMatch(hand -> hand.holds())
                || state.queued().stream().anyMatch(count -> count > 0);
        for (int item = 0; item < 2; item++) {
            if (state.effects().get(item) > 1) {
                broken.add("effects count once");
            }
            var first = state.committed().get(item);
            var answers = state.replies().get(item);
            if (!Set.of(first, CuttingModel.EXPIRED).containsAll(answers)) {
                broken.add("every reply is the outcome that was committed first");
            }
            if (!isUnderWay && !answers.contains(first)) {
                broken.add("what is not answered is queued or held");
            }
        }
        if (model.steps(state).isEmpty() && isUnderWay) {
            broken.add("at the end it is settled");
        }
        return broken;
    }
}
