package dev.workerfarm.worker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.DeathReport.Running;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChargeTest {
    @Test
    void isReadAsItWasWritten() {
        var lost = Charge.lost(new DeathReport("p", 134, List.of(), List.of("one", "\u00e9")), 7, "here");
        assertThat(Charge.of("p", lost.text())).isEqualTo(lost);
        assertThat(lost.isWitnessed()).isTrue();
        assertThat(lost.ending()).isEqualTo("signal=6 host=here process=p");

        var begun = Charge.begun("p", "here", Running.AROUND);
        assertThat(Charge.of("p", begun.text())).isEqualTo(begun);
        assertThat(begun.isWitnessed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "{", "{\"index\":\"x\"}"})
    void whatCannotBeReadIsOfAProcessThatNobodySawDie(String text) {
        assertThat(Charge.of("p", text).isWitnessed()).isFalse();
    }
}
