/** One door to what an operator does with a farm: revoke, look up results, dead letters, status. */
@NullMarked
package dev.workerfarm.admin;

import org.jspecify.annotations.NullMarked;
