package dev.workerfarm.worker.commit;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.testkit.Services;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/** The ledger's contract on a real Redis. */
class LedgerIT extends LedgerContract {
    private final RedisSharedState shared =
            RedisSharedState.open(RedisAddress.parse(Services.shared().redisUrl()), "ledger-" + UUID.randomUUID());

    @Override
    Ledger ledger() {
        return new TaskLedger(shared);
    }

    @AfterEach
    void close() {
        shared.close();
    }
}
