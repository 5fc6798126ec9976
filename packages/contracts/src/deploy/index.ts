export {
  type AddressBook,
  completeBook,
  CONTRACT_NAMES,
  type ContractName,
  decodeBook,
  decodePartialBook,
  type DeployedContract,
  encodeBook,
  type PartialBook,
} from './address-book.ts';
export { deploy, type Deployed, type DeployOptions, missingContracts } from './deploy.ts';
export { DEFAULT_RULES, type DeployRules, LOCAL_RULES } from './rules.ts';
