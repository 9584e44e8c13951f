// SPDX-License-Identifier: AGPL-3.0-or-later
// Following: where a player has a list, what begins when a track has ended; a player of one episode goes without.

import { step } from "./order.js";
import { GriotPlayer } from "./player.js";

GriotPlayer.prototype.follow = function follow() {
  const next = this.repeat === "one" ? this.current : this.goesOn ? step(this.order, this.current, 1, this.repeat) : null;
  if (next === null || (!this.rows[1] && !this.repeat)) return;
  this.show(next, 0);
  this.play();
};
