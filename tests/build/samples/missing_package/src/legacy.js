import _ from "lodash";
import { gone } from "./gone";

export const first = _.first([gone]);
