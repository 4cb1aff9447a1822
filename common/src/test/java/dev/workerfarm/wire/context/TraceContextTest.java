package dev.workerfarm.wire.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class TraceContextTest {
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void goesWithWhatAThreadPublishes() {
        new TraceContext(PARENT, "a=1,b=2").enter();
        var encoded = TaskCodec.encode(TaskMessage.of("i", "t", List.of(), Map.of(), null, Map.of()));

        MDC.clear();
        var message = TaskCodec.decode(encoded.properties(), encoded.body());
        assertThat(TraceContext.current()).isNull();
        assertThat(TraceContext.of(message.headers())).isEqualTo(new TraceContext(PARENT, "a=1,b=2"));
    }

    @Test
    void neverReplacesTheOneThatAMessageHas() {
        var theirs = PARENT.replace('7', '8');
        MDC.put("traceparent", PARENT);
        MDC.put("tracestate", "a=1");
        var message =
                new TaskMessage("i", "t", 0, 0, List.of(), Map.of(), null, "i", false, Map.of("traceparent", theirs));

        assertThat(TaskCodec.encode(message).properties().getHeaders())
                .containsEntry("traceparent", theirs)
                .doesNotContainKey("tracestate");
    }

    @Test
    void isNothingWhereItDoesNotFollowTheRecommendation() {
        for (var bad : new Object[] {
            "",
            7L,
            PARENT + "-more",
            PARENT + "\n",
            PARENT.toUpperCase(java.util.Locale.ROOT),
            "ff" + PARENT.substring(2),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "01" + PARENT.substring(2) + "-" + "x".repeat(500),
        }) {
            assertThat(TraceContext.of(Map.of("traceparent", bad)))
                    .as(bad.toString())
                    .isNull();
        }
        assertThat(TraceContext.of(Map.of("traceparent", "01" + PARENT.substring(2) + "-more")))
                .isNotNull();
        assertThat(TraceContext.of(Map.of("traceparent", PARENT, "tracestate", "a".repeat(513))))
                .isEqualTo(new TraceContext(PARENT, null));
    }
}
