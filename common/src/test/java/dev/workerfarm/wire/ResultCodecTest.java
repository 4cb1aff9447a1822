package dev.workerfarm.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Damage;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonValues;
import dev.workerfarm.wire.ResultCodec.ResultMessage;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResultCodecTest {
    private static final AMQP.BasicProperties JSON =
            new AMQP.BasicProperties.Builder().contentType("application/json").build();

    /** An exception of which nothing can be learned. */
    private static final class Mute extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("not even this");
        }
    }

    private static ResultMessage decode(String body) {
        return ResultCodec.decode(JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    private static ResultMessage thereAndBack(Outcome outcome) {
        var encoded = ResultCodec.encode("task", "correlation", outcome);
        assertThat(encoded.properties().getCorrelationId()).isEqualTo("correlation");
        assertThat(encoded.properties().getContentType()).isEqualTo("application/json");
        return ResultCodec.decode(encoded.properties(), encoded.body());
    }

    @Test
    void givesEveryValueBack() {
        var values = new JsonValues();
        for (int i = 0; i < 2_000; i++) {
            var outcome = new Outcome.Succeeded(values.value());
            assertThat(thereAndBack(outcome))
                    .as("%s, value %d", values, i)
                    .isEqualTo(new ResultMessage("task", outcome));
        }
    }

    @Test
    void givesEveryFailureBack() {
        var values = new JsonValues();
        for (int i = 0; i < 500; i++) {
            var failure = new Failure(
                    values.text(), values.text(), values.text(), values.below(2) == 0 ? null : values.text());
            assertThat(thereAndBack(new Outcome.Failed(failure)).outcome())
                    .as("%s, failure %d", values, i)
                    .isEqualTo(new Outcome.Failed(failure));
        }
    }

    @Test
    void refusesAResultThatCannotTravel() {
        for (var value : List.of(JsonValues.nines(4_301), new Object(), Collections.singletonMap(null, 1))) {
            assertThatThrownBy(() -> ResultCodec.encode("t", "c", new Outcome.Succeeded(value)))
                    .isInstanceOf(EncodeException.class);
        }
        thereAndBack(new Outcome.Succeeded(JsonValues.nested(Json.MAX_DEPTH - 1)));
        assertThatThrownBy(() -> thereAndBack(new Outcome.Succeeded(JsonValues.nested(Json.MAX_DEPTH))))
                .isInstanceOf(EncodeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STARTED", "RETRY", "PENDING", "success", ""})
    void takesOtherWordsForNoOutcomeYet(String status) {
        assertThat(decode("{\"task_id\":\"t\",\"status\":\"" + status + "\",\"result\":1}"))
                .isEqualTo(new ResultMessage("t", null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"exc_type":"E","exc_message":["a",1],"exc_module":"m"} | E         | m        | a, 1
            {"exc_type":"E","exc_message":"a"}                      | E         | builtins | a
            {"exc_type":"E","exc_message":[]}                       | E         | builtins | ''
            {"exc_type":null,"exc_message":[null]}                  | Exception | builtins | null
            "oops"                                                  | Exception | builtins | oops
            null                                                    | Exception | builtins | null
            """)
    void readsFailuresOfAnyShape(String result, String type, String module, String text) {
        for (var status : List.of("FAILURE", "REVOKED")) {
            assertThat(decode("{\"task_id\":\"t\",\"status\":\"" + status + "\",\"result\":" + result + "}")
                            .outcome())
                    .isEqualTo(new Outcome.Failed(new Failure(type, module, text, null)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{}",
                "{\"task_id\":\"t\"}",
                "{\"status\":\"SUCCESS\"}",
                "{\"task_id\":1,\"status\":\"SUCCESS\"}",
                "{\"task_id\":\"t\",\"status\":null}"
            })
    void wantsATaskIdAndAStatus(String body) {
        assertThatThrownBy(() -> decode(body)).isInstanceOf(DecodeException.class);
    }

    @Test
    void survivesEveryDamage() {
        var success = ResultCodec.encode("t", "c", new Outcome.Succeeded(Map.of("é", List.of(1, 2.5, "x"))));
        var failure = ResultCodec.encode("t", "c", new Outcome.Failed(new Failure("E", "m", "é", "stack\n\tat x")));
        for (var encoded : List.of(success, failure)) {
            Damage.truncate(encoded.body(), body -> ResultCodec.decode(JSON, body));
            Damage.flipBits(encoded.body(), body -> ResultCodec.decode(JSON, body));
            Damage.shuffle(encoded.body(), 3_000, new JsonValues(), body -> ResultCodec.decode(JSON, body));
        }
    }

    @Test
    void cutsALongTextAndALongStack() {
        var failure = Failure.of(new IllegalStateException("x".repeat(1_000_000)));
        assertThat(failure.text()).hasSizeLessThan(70_000).endsWith("... cut");
        assertThat(failure.stack()).hasSizeLessThan(8_300).endsWith("... cut");
    }

    @Test
    void tellsOfAnExceptionWhoseOwnMethodsThrow() {
        assertThat(Failure.of(new Mute())).isEqualTo(new Failure("Mute", "dev.workerfarm.wire", "", ""));
    }

    @Test
    void namesExceptionsAsPythonKnowsThem() {
        assertThat(Failure.of(new NumberFormatException("bad")))
                .extracting(Failure::type, Failure::module, Failure::text)
                .containsExactly("ValueError", "builtins", "bad");
        var anonymous = Failure.of(new Exception() {});
        assertThat(anonymous.type()).isEqualTo("Exception");
        assertThat(anonymous.text()).isEmpty();
        assertThat(Objects.requireNonNull(anonymous.stack())).contains("namesExceptionsAsPythonKnowsThem");
    }
}
