package dev.workerfarm.redis;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.config.RedisAddress;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As far as no server is needed: it connects on first use. */
class RedisConnectionTest {
    private static final RedisAddress NOWHERE = RedisAddress.parse("redis://127.0.0.1:1/");

    @ParameterizedTest
    @ValueSource(strings = {"PT0.001S", "PT600H", "PT2562047788015215H"})
    void anAnswerMayTakeAsLongAsYouLike(Duration timeout) {
        assertThatCode(() -> new RedisConnection(NOWHERE, timeout).close()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.000999S", "PT0S", "PT-2562047788015215H"})
    void anAnswerTakesAtLeastAMillisecond(Duration timeout) {
        assertThatThrownBy(() -> new RedisConnection(NOWHERE, timeout))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Redis has 1 ms or more to answer, not " + timeout);
    }
}
