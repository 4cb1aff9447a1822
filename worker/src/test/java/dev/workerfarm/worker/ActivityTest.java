package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.message.Failure;
import dev.workerfarm.message.Outcome;
import org.junit.jupiter.api.Test;

class ActivityTest {
    private final Activity activity = new Activity();

    @Test
    void listsWhatRunsTheLongestFirst() {
        var first = activity.begin("a", "square");
        activity.begin("b", "sleep");
        assertThat(activity.running()).extracting(Activity.Run::id).containsExactly("a", "b");

        activity.end(first, new Outcome.Succeeded(1L));
        assertThat(activity.running()).extracting(Activity.Run::id).containsExactly("b");
    }

    @Test
    void tellsTwinsOfOneIdApart() {
        var twin = activity.begin("a", "square");
        activity.begin("a", "square");

        activity.end(twin, new Outcome.Succeeded(1L));
        assertThat(activity.running()).hasSize(1);
    }

    @Test
    void countsHowTheyEnded() {
        activity.end(activity.begin("a", "square"), new Outcome.Succeeded(1L));
        activity.end(activity.begin("b", "square"), new Outcome.Failed(Failure.builtin("ValueError", "no")));
        activity.end(activity.begin("c", "square"), new Outcome.Failed(Failure.builtin("ValueError", "no")));

        assertThat(activity.succeeded()).isEqualTo(1);
        assertThat(activity.failed()).isEqualTo(2);
    }
}
