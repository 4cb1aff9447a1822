package dev.workerfarm.worker.commit;

import dev.workerfarm.redis.ledger.Ledger;

class MemoryLedgerTest extends LedgerContract {
    private final MemoryLedger ledger = new MemoryLedger();

    @Override
    Ledger ledger() {
        return ledger;
    }
}
