package dev.workerfarm.admin;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What needs no server; the integration tests of the commands have the rest. */
@Timeout(30)
class FarmAdminTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final QueueNames NAMES = new QueueNames("farm");

    /** Nobody listens on port 1. */
    private static FarmAdmin unreachable() {
        return FarmAdmin.open(
                BrokerAddress.parse("amqp://127.0.0.1:1"), RedisAddress.parse("redis://127.0.0.1:1"), NAMES);
    }

    @Test
    void connectsToNothingBeforeItIsAsked() {
        unreachable().close();
    }

    @Test
    void refusesIdsThatNoTaskHas() {
        try (var admin = unreachable()) {
            for (var id : List.of("", "x".repeat(256))) {
                assertThatThrownBy(() -> admin.revoke(List.of("sound", id), Running.GOES_ON, SOON))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("an id has 1 to 255 bytes");
            }
        }
    }

    @Test
    void aRevocationThatReachesNobodyIsAFailure() {
        try (var admin = unreachable()) {
            assertThatThrownBy(() -> admin.revoke(List.of("id"), Running.IS_INTERRUPTED, SOON))
                    .isInstanceOf(BrokerUnreachableException.class);
        }
    }

    @Test
    void nothingIsKilledThatWouldRunAgain() {
        try (var admin = unreachable()) {
            assertThatThrownBy(() -> admin.revoke(List.of("id"), Running.IS_KILLED, SOON))
                    .isInstanceOf(RedisUnreachableException.class);
        }
    }

    @Test
    void saysWhichAddressIsMissing() {
        try (var admin = FarmAdmin.open(null, null, NAMES)) {
            assertThatThrownBy(() -> admin.result("id")).hasMessageContaining("Redis");
            assertThatThrownBy(() -> admin.deadLetters(SOON)).hasMessageContaining("broker");
            assertThatThrownBy(() -> admin.status(null)).hasMessageContaining("broker");
        }
    }
}
