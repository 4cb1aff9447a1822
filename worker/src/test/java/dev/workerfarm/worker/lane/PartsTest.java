package dev.workerfarm.worker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartsTest {
    private final List<String> steps = new ArrayList<>();
    private final Parts parts = new Parts();

    private void start(String name) throws InterruptedException {
        parts.start(name, () -> steps.add("start " + name), part -> steps.add("stop " + name));
    }

    @Test
    void stopsInTheOppositeOrderAndOnce() throws Exception {
        start("a");
        start("b");

        parts.close();
        parts.close();

        assertThat(steps).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void aPartThatCannotBeStoppedKeepsNoOtherFromIt() throws Exception {
        start("a");
        parts.start("b", () -> "b", part -> {
            throw new IllegalStateException("on purpose");
        });

        parts.close();

        assertThat(steps).containsExactly("start a", "stop a");
    }
}
